import Policy

/// What a tenant's checks came to. A pure value: results and times (microseconds of CLOCK_BOOTTIME) come in.
struct HealthState: Sendable, Hashable {
  /// The words are those on the wire.
  enum Status: String, Sendable, CaseIterable {
    /// No check has passed yet, and not too many have failed.
    case starting
    case healthy
    case unhealthy
  }

  /// How a check ended.
  enum Outcome: Sendable, Hashable {
    case passed
    /// Why not, in a few words.
    case failed(String)
  }

  private(set) var status = Status.starting
  /// Failures that count, since the last check that passed.
  private(set) var failures: UInt64 = 0
  /// Why the last check failed; nil once one has passed.
  private(set) var reason: String?
  private let started: Int
  private let startPeriod: Int
  private let interval: Int
  private let retries: UInt64

  /// The longest wait between two checks of a tenant that is still starting: who comes after it waits for it.
  static let startInterval = 1_000_000

  /// - Parameter started: when the tenant was started.
  init(_ policy: HealthPolicy, started: Int) {
    self.started = started
    startPeriod = Int(clamping: policy.startPeriod.value.microseconds)
    interval = max(1, Int(clamping: policy.interval.value.microseconds))
    retries = max(1, policy.retries.value)
  }

  /// Takes a result.
  ///
  /// - Returns: the status, if it has changed.
  mutating func take(_ outcome: Outcome, at now: Int) -> Status? {
    let before = status
    switch outcome {
    case .passed:
      failures = 0
      reason = nil
      status = .healthy
    case .failed(let why):
      reason = why
      // A tenant that was healthy once has started, however soon.
      if status == .starting, now >= started, now - started < startPeriod { return nil }
      failures += failures < .max ? 1 : 0
      if failures >= retries { status = .unhealthy }
    }
    return status == before ? nil : status
  }

  /// How long to wait until the next check, from the last one's end.
  var wait: Int { status == .starting ? min(interval, Self.startInterval) : interval }
}
