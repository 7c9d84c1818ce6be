/// `io`: one tenant's share of one block device, in mClock's words: reservation, limit and weight, and a
/// latency target.
public struct IODevicePolicy: Sendable, Equatable {
  /// What one direction may do.
  public struct Rates: Sendable, Equatable {
    /// Bytes a second.
    public var bandwidth: Positioned<ByteRate>?
    /// Operations a second.
    public var iops: Positioned<UInt64>?

    /// Whether neither is given.
    public var isEmpty: Bool { bandwidth == nil && iops == nil }
  }

  /// What each direction may do. A rate that the file gives without a direction stands here for both.
  public struct DirectionalRates: Sendable, Equatable {
    /// Whether the file names no direction: a reservation then holds for reads and writes in any mixture.
    public var isUndirected: Bool
    /// Reads.
    public var read: Rates
    /// Writes.
    public var write: Rates
  }

  /// `latency`: the 99th percentile that the tenant's own IO may take, its own limit's wait apart.
  public struct Latency: Sendable, Equatable {
    /// Reads.
    public var read: Positioned<TimeSpan>?
    /// Writes.
    public var write: Positioned<TimeSpan>?
    /// Synchronous writes.
    public var syncWrite: Positioned<TimeSpan>?
  }

  /// `class`: a preset of promises in the words of ionice(1); what the entry says itself goes before it.
  public enum PriorityClass: String, CaseIterable, Sendable, Hashable {
    /// Ahead of the others: a large weight, and on a calibrated disk a latency target for reads.
    case realtime
    /// The ordinary class: the kernel's default weight.
    case bestEffort = "best-effort"
    /// Only what the others leave: the least weight.
    case idle
  }

  /// `device`: an absolute path, standing for the disk beneath it.
  public var device: Positioned<String>
  /// `latency`: `nil` unless given.
  public var latency: Positioned<Latency>?
  /// `reservation`: `nil` unless given.
  public var reservation: Positioned<DirectionalRates>?
  /// `limit`: `nil` unless given.
  public var limit: Positioned<DirectionalRates>?
  /// `weight`: 1 to 10000; the kernel's default is 100.
  public var weight: Positioned<UInt64>?
  /// `class`: `nil` unless given.
  public var priorityClass: Positioned<PriorityClass>?
}
