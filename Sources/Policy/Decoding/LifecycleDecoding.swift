import Faults

extension DocumentDecoder {
  /// `stop`.
  func stopPolicy(_ top: StrictMapping) -> StopPolicy {
    var stop = StopPolicy(
      signal: Positioned(.terminate), grace: Positioned(TimeSpan(microseconds: 10_000_000)))
    guard let mapping = mapping("stop", in: top) else { return stop }
    stop.signal = mapping["signal"].flatMap { signal($0) } ?? stop.signal
    if let grace = quantity("grace", in: mapping, as: TimeSpan.self) {
      if grace.value.microseconds > 3_600_000_000 {
        report(
          .outOfRange, "a grace of \(grace.value) is out of range", at: grace.position,
          mend: "give at most 1h")
      }
      stop.grace = grace
    }
    return stop
  }

  private func signal(_ node: DocumentNode) -> Positioned<Signal>? {
    guard let name = string(node) else { return nil }
    guard let signal = Signal(name: name.value) else {
      let upper = name.value.uppercased()
      let full = upper.hasPrefix("SIG") ? upper : "SIG" + upper
      let likely = Signal.names.contains(full) ? full : nearMiss(of: full, among: Signal.names)
      report(
        .invalidValue, "unknown signal \"\(name.value.shortened)\"", at: node.position,
        mend: likely.map { "did you mean \($0)?" } ?? "signal(7) lists the names")
      return nil
    }
    return Positioned(signal, at: node.position)
  }

  /// `restart`.
  func restartPolicy(_ top: StrictMapping) -> RestartPolicy {
    var restart = RestartPolicy(
      condition: Positioned(.never),
      backoff: Positioned(
        RestartPolicy.Backoff(
          first: TimeSpan(microseconds: 1_000_000), last: TimeSpan(microseconds: 30_000_000))),
      limit: nil, resetAfter: Positioned(TimeSpan(microseconds: 60_000_000)))
    guard let mapping = mapping("restart", in: top) else { return restart }
    restart.condition = choice("on", in: mapping, as: RestartPolicy.Condition.self) ?? restart.condition
    restart.backoff = mapping["backoff"].flatMap { backoff($0) } ?? restart.backoff
    restart.limit = integer("limit", in: mapping, range: 1...1_000_000)
    restart.resetAfter = resetAfter(mapping) ?? restart.resetAfter
    return restart
  }

  private func resetAfter(_ mapping: StrictMapping) -> Positioned<TimeSpan>? {
    guard let span = quantity("reset_after", in: mapping, as: TimeSpan.self) else { return nil }
    guard (1...Self.longestDay).contains(span.value.microseconds) else {
      report(
        .outOfRange, "\(span.value) is no time to have been well for", at: span.position,
        mend: "it can be above 0, and 24h at most")
      return nil
    }
    return span
  }

  /// Of backoffs and of what resets them, in microseconds.
  private static var longestDay: UInt64 { 86_400_000_000 }

  /// `1s..30s`, or one time for both.
  private func backoff(_ node: DocumentNode) -> Positioned<RestartPolicy.Backoff>? {
    let expectation = "a range of times such as 1s..30s"
    guard let text = quantityText(node, expectation: expectation) else { return nil }
    let ends = splitRange(text)
    do {
      let first = try TimeSpan(parsing: ends.first)
      let last = try TimeSpan(parsing: ends.last)
      guard first.microseconds > 0, first <= last, last.microseconds <= Self.longestDay else {
        report(
          .outOfRange, "\(text.shortened) is not \(expectation)", at: node.position,
          mend: "it starts above 0, doesn't end before it starts, and ends at 24h or earlier")
        return nil
      }
      return Positioned(RestartPolicy.Backoff(first: first, last: last), at: node.position)
    } catch {
      report(.invalidValue, error.message, at: node.position, mend: error.mend ?? "write \(expectation)")
      return nil
    }
  }

  func splitRange(_ text: String) -> (first: String, last: String) {
    let bytes = Array(text.utf8)
    guard let dots = bytes.indices.dropLast().first(where: { bytes[$0] == 46 && bytes[$0 + 1] == 46 }) else {
      return (text, text)
    }
    return (
      String(decoding: bytes[..<dots], as: UTF8.self), String(decoding: bytes[(dots + 2)...], as: UTF8.self)
    )
  }

  /// `logs`.
  func logPolicy(_ top: StrictMapping) -> LogPolicy {
    guard let mapping = mapping("logs", in: top) else {
      return LogPolicy(rate: nil, burst: nil, fileSize: nil)
    }
    let logs = LogPolicy(
      rate: quantity("rate", in: mapping, as: ByteRate.self),
      burst: quantity("burst", in: mapping, as: ByteSize.self),
      fileSize: quantity("file_size", in: mapping, as: ByteSize.self))
    checkLogs(rate: logs.rate, burst: logs.burst, fileSize: logs.fileSize)
    return logs
  }

  /// Reports log bounds under which nothing could be written.
  public func checkLogs(
    rate: Positioned<ByteRate>?, burst: Positioned<ByteSize>?, fileSize: Positioned<ByteSize>?
  ) {
    if let rate, rate.value.bytesPerSecond < 1024 {
      report(
        .outOfRange, "\(rate.value) is too slow for a log", at: rate.position, mend: "give 1KiB/s or more")
    }
    for size in [burst, fileSize] {
      guard let size, size.value.bytes < 4096 else { continue }
      report(
        .outOfRange, "\(size.value) is too small for a log", at: size.position, mend: "give 4KiB or more")
    }
  }

  /// `allow`.
  func allowPolicy(_ top: StrictMapping) -> AllowPolicy {
    var allow = AllowPolicy(groups: [], users: [], commandOverride: Positioned(false))
    guard let mapping = mapping("allow", in: top) else { return allow }
    // These are the host's own numbers; the highest stands for "none" to the kernel.
    let highest = UInt64(UInt32.max) - 1
    allow.groups = list("groups", in: mapping).compactMap { principal($0, highest: highest) }
    allow.users = list("users", in: mapping).compactMap { principal($0, highest: highest) }
    allow.commandOverride = boolean("command_override", in: mapping) ?? allow.commandOverride
    return allow
  }
}
