/// What the governor lets into a device from now until the next step.
public struct Order: Sendable, Equatable {
  /// What the governor is doing.
  public enum Phase: Sendable, Hashable, CaseIterable {
    /// The capacity isn't known yet: nothing is held back until the device was saturated once.
    case learn
    /// No tenant with a target is active: a short queue stands in the device so that it never idles.
    case share
    /// A queue is being emptied.
    case drain
    /// A volume's token bucket is given a few credits back.
    case refill
    /// Just below the capacity, with no queue.
    case cruise
    /// Just above the estimate, to see whether the capacity has risen.
    case probe
  }

  /// Cost per second that may be let in by all tenants together; nil: no limit. Finite and above 0.
  public var rate: Double?
  /// The estimated capacity in cost per second; nil while unknown.
  public var capacity: Double?
  /// What the governor is doing.
  public var phase: Phase
  /// Why.
  public var reason: Reason
  /// Whether tenants used what they were granted, so that a lack of demand explains nothing.
  public var limited: Bool

  /// Takes all values.
  public init(rate: Double?, capacity: Double?, phase: Phase, reason: Reason, limited: Bool) {
    self.rate = rate
    self.capacity = capacity
    self.phase = phase
    self.reason = reason
    self.limited = limited
  }
}
