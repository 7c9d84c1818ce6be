import ControlProtocol

/// The last decisions about one tenant, for `isoctl inspect`.
struct DecisionLog {
  /// How many are kept.
  static let length = 24
  /// How long a decision has to differ from the last one before it is worth a line, in nanoseconds.
  private static let patience: Int64 = 1_000_000_000

  private(set) var entries: [IODecision] = []
  private var lastTime: [String: Int64] = [:]
  private var lastKind: [String: String] = [:]

  /// Takes a decision down, unless it is of the same kind as the last one of that disk or follows it too soon.
  ///
  /// - Parameters:
  ///   - kind: what makes decisions differ: a grant that grows a little is none.
  ///   - time: of the scheduler's clock.
  /// - Returns: whether it was taken down.
  @discardableResult
  mutating func note(disk: String, kind: String, at time: Int64, text: @autoclosure () -> String) -> Bool {
    guard lastKind[disk] != kind else { return false }
    if let last = lastTime[disk], time &- last < Self.patience { return false }
    lastKind[disk] = kind
    lastTime[disk] = time
    if entries.count == Self.length { entries.removeFirst() }
    entries.append(IODecision(timeUsec: WallClock.microseconds(), disk: disk, text: text()))
    return true
  }
}
