/// What a latency target speaks of.
public enum IOOperation: String, Sendable, Hashable, CaseIterable, Codable {
  case read
  /// Writes that nobody waits for.
  case write
  /// Writes that somebody waits for: O_SYNC, O_DSYNC, fsync(2), and flushes.
  case syncWrite

  /// The direction in which its data goes.
  public var direction: IODirection { self == .read ? .read : .write }
}

/// The latency that a part of a tenant's operations keeps, the waits for its own limit apart.
public struct LatencyTarget: Sendable, Equatable, Codable {
  /// Which operations.
  public var operation: IOOperation
  /// The part of them that keeps it, 0.5 to 0.9999.
  public var percentile: Double
  /// The latency, in nanoseconds.
  public var latency: Int64

  /// Takes a target.
  public init(_ operation: IOOperation, percentile: Double = 0.99, latency: Int64) {
    self.operation = operation
    self.percentile = percentile
    self.latency = latency
  }
}
