import ControlProtocol

/// What a tenant did between two looks.
struct TopRow: Encodable, Equatable {
  var name: String
  var state: String
  var pid: Int
  /// Of one processor: 100 is all of one.
  var cpuPercent: Double?
  var cpuMaxPercent: Int?
  /// In which part of the periods the processor limit held it back.
  var throttledPercent: Double?
  var memoryBytes: Int?
  var memoryMaxBytes: Int?
  var readBytesPerSecond: Double?
  var writeBytesPerSecond: Double?
  /// In which part of the time some of its tasks waited (PSI).
  var cpuWaitPercent: Double?
  var memoryWaitPercent: Double?
  var ioWaitPercent: Double?
  var pids: Int?
  var pidsMax: Int?

  /// Compares two looks at a tenant; without an earlier one there are no rates.
  ///
  /// - Parameter microseconds: the time between them.
  init(_ now: TenantUsage, since before: TenantUsage?, microseconds: Int) {
    (name, state, pid) = (now.name, now.state, now.pid)
    (cpuMaxPercent, memoryBytes, memoryMaxBytes) = (now.cpuMaxPercent, now.memoryBytes, now.memoryMaxBytes)
    (pids, pidsMax) = (now.pids, now.pidsMax)
    // Another process is another tenant of that name.
    guard let before, before.pid == now.pid, microseconds > 0 else { return }
    func growth(_ counter: (TenantUsage) -> Int?) -> Double? {
      guard let last = counter(now), let first = counter(before) else { return nil }
      let (growth, overflow) = last.subtractingReportingOverflow(first)
      return overflow || growth < 0 ? nil : Double(growth)
    }
    func part(_ counter: (TenantUsage) -> Int?) -> Double? { growth(counter).map { 100 * $0 / Double(microseconds) } }
    func rate(_ counter: (TenantUsage) -> Int?) -> Double? { growth(counter).map { 1e6 * $0 / Double(microseconds) } }
    cpuPercent = part { $0.cpuUsec }
    if let periods = growth({ $0.cpuPeriods }), let held = growth({ $0.cpuThrottledPeriods }) {
      throttledPercent = periods > 0 ? min(100, 100 * held / periods) : 0
    }
    readBytesPerSecond = rate { $0.ioReadBytes }
    writeBytesPerSecond = rate { $0.ioWriteBytes }
    cpuWaitPercent = part { $0.cpuWaitUsec }.map { min(100, $0) }
    memoryWaitPercent = part { $0.memoryWaitUsec }.map { min(100, $0) }
    ioWaitPercent = part { $0.ioWaitUsec }.map { min(100, $0) }
  }

  /// The tenants of the later of two looks.
  static func rows(_ now: Usage.Reply, since before: Usage.Reply?) -> [TopRow] {
    let known = Dictionary((before?.tenants ?? []).map { ($0.name, $0) }) { _, last in last }
    let (time, overflow) = now.clockUsec.subtractingReportingOverflow(before?.clockUsec ?? now.clockUsec)
    return now.tenants.map { TopRow($0, since: known[$0.name], microseconds: overflow ? 0 : time) }
  }
}
