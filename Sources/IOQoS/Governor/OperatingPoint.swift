/// Where a device is to be run while tenants with a latency target are active.
public struct OperatingPoint: Sendable, Equatable {
  /// The share of the capacity that may be used, from the load-latency curve at the tightest target; 0.3 to 0.98.
  public var utilisation: Double
  /// How far the mean latency may rise above its base before that is evidence of a queue, in nanoseconds.
  public var delayAllowance: Int64
  /// The mean latency of an operation that meets no queue at this utilisation, in nanoseconds; nil if unknown.
  public var unloadedLatency: Int64?

  /// Takes the values, each clamped to what makes sense.
  ///
  /// A delay allowance is a quarter of the gap between the target and the p99 without a queue, 1 ms at least.
  public init(utilisation: Double, delayAllowance: Int64, unloadedLatency: Int64? = nil) {
    self.utilisation = utilisation.isFinite ? min(max(utilisation, 0.3), 0.98) : 0.98
    self.delayAllowance = min(max(delayAllowance, 1_000_000), 1_000_000_000)
    self.unloadedLatency = unloadedLatency.map { min(max($0, 1_000), 1_000_000_000) }
  }
}
