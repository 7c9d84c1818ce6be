/// Operations and bytes since some beginning, as the kernel counts them: they only grow, unless the device is made anew.
public struct IOCount: Sendable, Equatable {
  /// Operations.
  public var operations: UInt64
  /// Bytes.
  public var bytes: UInt64

  /// Nothing counted yet.
  public static let zero = IOCount(operations: 0, bytes: 0)

  /// Takes both.
  public init(operations: UInt64, bytes: UInt64) {
    self.operations = operations
    self.bytes = bytes
  }
}

/// What a block device's `stat` and `inflight` files say at one instant (Documentation/block/stat.rst).
public struct DeviceReading: Sendable, Equatable {
  /// When it was taken, in nanoseconds of a clock that doesn't go back.
  public var time: Int64
  /// When the lines are written that follow from it, by the clock that blk-throttle has: it moves once a jiffy.
  public var jiffyTime: Int64
  /// Completed operations and bytes since the device came up.
  public var completed: PerDirection<IOCount>
  /// The latencies of all completed operations since the device came up, summed, in nanoseconds.
  public var latencySum: Int64
  /// Operations that the device and its driver hold at this instant.
  public var inFlight: Int

  /// Takes all values; without a clock of jiffies, the one of `time` serves.
  public init(
    time: Int64, jiffyTime: Int64? = nil, completed: PerDirection<IOCount>, latencySum: Int64, inFlight: Int
  ) {
    self.time = time
    self.jiffyTime = jiffyTime ?? time
    self.completed = completed
    self.latencySum = latencySum
    self.inFlight = inFlight
  }
}
