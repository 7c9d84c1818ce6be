import Policy

/// A policy's `restart` as it is reckoned with; times in microseconds.
struct RestartRule: Codable, Sendable, Hashable {
  /// When a tenant is started again. The words are the policy's.
  enum Condition: String, Codable, Sendable {
    case failure, always
  }

  var condition: Condition
  /// The wait before the first restart in a row; it doubles from there to ``longestWait``.
  var firstWait: Int
  var longestWait: Int
  /// The most restarts in a row; nil for no end.
  var limit: Int?
  /// How long a tenant must have been well for the count to start anew.
  var resetAfter: Int

  /// The most that a wait is lengthened by, as a part of it: tenants that fell together don't get up together.
  static let jitter = 0.1

  /// The wait before a restart, counted from 1 in its row, without jitter.
  func wait(before number: Int) -> Int {
    var wait = min(firstWait, longestWait)
    var doublings = number - 1
    while doublings > 0, wait < longestWait {
      wait = wait > longestWait / 2 ? longestWait : wait * 2
      doublings -= 1
    }
    return wait
  }

  /// The longest that any wait can be.
  var bound: Int { Self.lengthened(longestWait, by: 1) }

  /// A wait with its jitter; `chance` is of 0 to 1.
  static func lengthened(_ wait: Int, by chance: Double) -> Int {
    let extra = Int(Double(wait) * jitter * min(max(chance, 0), 1))
    let (sum, overflow) = wait.addingReportingOverflow(extra)
    return overflow ? .max : sum
  }
}

extension RestartRule {
  /// Takes a policy's rule; nil where nothing is ever restarted.
  init?(_ policy: RestartPolicy) {
    switch policy.condition.value {
    case .never: return nil
    case .failure: condition = .failure
    case .always: condition = .always
    }
    let backoff = policy.backoff.value
    firstWait = max(1, Int(clamping: backoff.first.microseconds))
    longestWait = max(1, Int(clamping: backoff.last.microseconds))
    limit = policy.limit.map { Int(clamping: $0.value) }
    resetAfter = Int(clamping: policy.resetAfter.value.microseconds)
  }
}
