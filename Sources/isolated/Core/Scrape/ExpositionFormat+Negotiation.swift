extension ExpositionFormat {
  /// What the answer's `Content-Type` says.
  var contentType: String {
    switch self {
    case .prometheusText: "text/plain; version=0.0.4; charset=utf-8"
    case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
    }
  }

  /// The format that the `Accept` lines of a request want most; nil where none will do.
  ///
  /// Without a line, and for `*/*`, it is Prometheus's text: OpenMetrics goes only to those who name it or
  /// `application/*`. Between formats that are wanted equally, the one that is named first wins.
  static func negotiated(_ lines: [String]) -> ExpositionFormat? {
    let accept = AcceptHeader(lines)
    guard !accept.ranges.isEmpty else { return .prometheusText }
    var best: (format: ExpositionFormat, quality: Int, place: Int)?
    for format in allCases {
      guard let (place, range) = format.mostSpecific(of: accept), range.quality > 0 else { continue }
      if let best, (best.quality, -best.place) >= (range.quality, -place) { continue }
      best = (format, range.quality, place)
    }
    return best?.format
  }

  /// The range that speaks of this format most precisely, with its place.
  private func mostSpecific(of accept: AcceptHeader) -> (Int, AcceptHeader.MediaRange)? {
    var best: (specificity: Int, place: Int, range: AcceptHeader.MediaRange)?
    for (place, range) in accept.ranges.enumerated() {
      guard let specificity = specificity(of: range) else { continue }
      if let best, best.specificity >= specificity { continue }
      best = (specificity, place, range)
    }
    return best.map { ($0.place, $0.range) }
  }

  /// How precisely `range` names this format; nil where it doesn't mean it.
  private func specificity(of range: AcceptHeader.MediaRange) -> Int? {
    let (type, subtype, version) =
      switch self {
      case .prometheusText: ("text", "plain", "0.0.4")
      case .openMetrics: ("application", "openmetrics-text", "1.0.0")
      }
    if range.type == "*" { return self == .prometheusText ? 0 : nil }
    guard range.type == type else { return nil }
    if range.subtype == "*" { return 1 }
    guard range.subtype == subtype else { return nil }
    var matched = 0
    for parameter in range.parameters {
      switch parameter.name {
      case "version": guard parameter.value == version else { return nil }
      case "charset": guard parameter.value.lowercased() == "utf-8" else { return nil }
      // `escaping` among them: no name here needs any.
      default: continue
      }
      matched += 1
    }
    return 2 + matched
  }
}
