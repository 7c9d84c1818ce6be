import ControlProtocol

/// Where a tenant stands among its restarts. A pure value: time and chance come in, verdicts come out.
///
/// ```
/// running ──ended──► backing off ──due──► starting ──it runs──► running
///             │           ▲                  │
///             ▼           └── it can't ──────┤
///           ended ◄── no restart, or too many┘
/// ```
///
/// Times are microseconds of CLOCK_BOOTTIME, which nobody sets and which a suspended machine doesn't stop. They mean
/// nothing after a boot, so a state counts only in the life that it is of.
struct RestartState: Codable, Sendable, Hashable {
  /// What follows an end.
  enum Verdict: Sendable, Hashable {
    /// It has ended, and the rule has nothing to say.
    case stays
    /// It would be started again, had it not been too often.
    case givesUp
    /// It is started again at that time.
    case waits(until: Int)
  }

  var rule: RestartRule
  /// The life of the tenants' group that it belongs to: see ``StartedTenants``.
  var life: String
  /// Restarts in a row, the one that is waited for included.
  private(set) var inARow = 0
  /// Restarts that were begun since the spawn.
  private(set) var total = 0
  /// When the next start is due; nil unless it is backing off.
  private(set) var due: Int?
  /// Since when it has been well without interruption: healthy, or running where nothing checks its health.
  private(set) var wellSince: Int?
  /// Whether it was found unhealthy: then its end is a failure, whatever its status.
  private(set) var isUnhealthy = false
  /// Whether somebody has asked for its end: none is followed by a start then.
  var isStopAsked = false
  /// Whether its last end was one too many.
  private(set) var hasGivenUp = false
  /// How it ended the last time.
  var lastExit: Exit?
  /// Why it couldn't be started the last time; nil once it could.
  var fault: Failed?

  init(rule: RestartRule, life: String) {
    self.rule = rule
    self.life = life
  }

  /// A start begins: the first, or one that was waited for.
  ///
  /// - Parameter isWell: whether running is being well, since nothing checks more.
  mutating func begins(at now: Int, isWell: Bool, isFirst: Bool = false) {
    due = nil
    wellSince = isWell ? now : nil
    isUnhealthy = false
    fault = nil
    if !isFirst { total += 1 }
  }

  /// It was found healthy.
  mutating func becameWell(at now: Int) {
    if wellSince == nil { wellSince = now }
    isUnhealthy = false
  }

  /// It was found unhealthy.
  mutating func becameUnhealthy(at now: Int) {
    isNoLongerWell(at: now)
    isUnhealthy = true
  }

  private mutating func isNoLongerWell(at now: Int) {
    inARow = count(at: now)
    wellSince = nil
  }

  /// It has ended, or couldn't be started.
  ///
  /// - Parameters:
  ///   - isFailure: whether it should not have.
  ///   - hasRun: whether it could be started.
  ///   - chance: of 0 to 1; lengthens the wait.
  mutating func ended(isFailure: Bool, hasRun: Bool = true, at now: Int, chance: Double) -> Verdict {
    if !hasRun { wellSince = nil }
    isNoLongerWell(at: now)
    due = nil
    guard !isStopAsked else { return .stays }
    guard isFailure || isUnhealthy || rule.condition == .always else { return .stays }
    if let limit = rule.limit, inARow >= limit {
      hasGivenUp = true
      return .givesUp
    }
    inARow += 1
    let (time, overflow) = now.addingReportingOverflow(
      RestartRule.lengthened(rule.wait(before: inARow), by: chance))
    let next = overflow ? Int.max : time
    due = next
    return .waits(until: next)
  }

  /// Nothing is waited for any more.
  mutating func stops() { due = nil }

  /// How long until the next start; 0 once it is due, and never longer than any wait can be.
  func remaining(at now: Int) -> Int {
    guard let due, due > now else { return 0 }
    return min(due - now, rule.bound)
  }

  /// Restarts in a row as they count now: none, once it has been well for long enough.
  func count(at now: Int) -> Int {
    guard let wellSince, now >= wellSince, now - wellSince >= rule.resetAfter else { return inARow }
    return 0
  }
}

extension Exit {
  /// Whether a tenant that ended so has failed: anything but the status 0.
  var isFailure: Bool { cause != .exited || status != 0 }
}
