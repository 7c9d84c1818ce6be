/// Writes families and their samples in one of the text formats, into one buffer.
///
/// A family's samples have to come one after another, after ``begin(_:)``; a family without samples leaves no trace.
/// What differs between the formats: OpenMetrics names a counter's family without `_total`, has `# UNIT`, knows infos,
/// tells when counters began (`_created`), and ends in `# EOF`.
struct ExpositionWriter {
  private let format: ExpositionFormat
  private(set) var bytes: [UInt8] = []
  private var family: MetricFamily?
  private var isHeadWritten = false
  /// Of the present family: the name of its samples.
  private var name: [UInt8] = []
  private var bareName: [UInt8] = []

  init(_ format: ExpositionFormat, capacity: Int = 64 << 10) {
    self.format = format
    bytes.reserveCapacity(capacity)
  }

  /// Starts a family.
  mutating func begin(_ next: MetricFamily) {
    family = next
    isHeadWritten = false
    name = Array(next.sampleName.utf8)
    bareName = Array(next.name.utf8)
  }

  /// A sample of a counter, a gauge or an info.
  ///
  /// - Parameter created: when a counter began, in seconds since 1970, where that is known.
  mutating func sample(
    _ labels: MetricLabels = .none, _ more: MetricLabels = .none, _ value: MetricValue, created: Double? = nil
  ) {
    writeHead()
    line(name, suffix: "", labels, more, value)
    writeCreated(labels, more, created)
  }

  /// A histogram.
  ///
  /// - Parameters:
  ///   - bounds: the buckets' upper bounds in nanoseconds, rising.
  ///   - counts: of each bucket by itself, the last one's bound being infinite.
  ///   - sum: of all times.
  mutating func histogram(
    _ labels: MetricLabels = .none, _ more: MetricLabels = .none, bounds: [UInt64], counts: [UInt64], sum: MetricValue,
    created: Double? = nil
  ) {
    writeHead()
    var running: UInt64 = 0
    for (index, count) in counts.enumerated() {
      running &+= count
      bytes += name
      append("_bucket")
      open(labels, more)
      append(labels.bytes.isEmpty && more.bytes.isEmpty ? "{le=\"" : ",le=\"")
      if index < bounds.count {
        MetricValue.nanoseconds(bounds[index]).write(to: &bytes)
        // OpenMetrics wants a bound to look like a float.
        if format == .openMetrics, bounds[index] % 1_000_000_000 == 0 { append(".0") }
      } else {
        append("+Inf")
      }
      append("\"} ")
      MetricValue.whole(running).write(to: &bytes)
      bytes.append(UInt8(ascii: "\n"))
    }
    line(name, suffix: "_sum", labels, more, sum)
    line(name, suffix: "_count", labels, more, .whole(running))
    writeCreated(labels, more, created)
  }

  /// Ends the exposition.
  consuming func finish() -> [UInt8] {
    if format == .openMetrics { append("# EOF\n") }
    return bytes
  }

  private mutating func line(
    _ name: [UInt8], suffix: StaticString, _ labels: MetricLabels, _ more: MetricLabels, _ value: MetricValue
  ) {
    bytes += name
    append(suffix)
    open(labels, more)
    append(labels.bytes.isEmpty && more.bytes.isEmpty ? " " : "} ")
    value.write(to: &bytes)
    bytes.append(UInt8(ascii: "\n"))
  }

  private mutating func writeCreated(_ labels: MetricLabels, _ more: MetricLabels, _ time: Double?) {
    guard format == .openMetrics, let time else { return }
    line(bareName, suffix: "_created", labels, more, .real(time))
  }

  /// The labels but for the closing brace.
  private mutating func open(_ labels: MetricLabels, _ more: MetricLabels) {
    guard !labels.bytes.isEmpty || !more.bytes.isEmpty else { return }
    bytes.append(UInt8(ascii: "{"))
    bytes += labels.bytes
    if !labels.bytes.isEmpty && !more.bytes.isEmpty { bytes.append(UInt8(ascii: ",")) }
    bytes += more.bytes
  }

  private mutating func writeHead() {
    guard !isHeadWritten, let family else { return }
    isHeadWritten = true
    let isOpen = format == .openMetrics
    let name = isOpen ? bareName : self.name
    // The older format has no infos.
    let type = !isOpen && family.kind == .info ? MetricFamily.Kind.gauge : family.kind
    func meta(_ keyword: String, _ text: String) -> [UInt8] {
      Array("# \(keyword) ".utf8) + name + Array(" \(text)\n".utf8)
    }
    bytes += meta("HELP", family.help)
    bytes += meta("TYPE", type.rawValue)
    if isOpen, let unit = family.unit { bytes += meta("UNIT", unit.rawValue) }
  }

  private mutating func append(_ text: StaticString) { text.withUTF8Buffer { bytes.append(contentsOf: $0) } }
}
