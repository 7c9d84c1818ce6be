import Faults

/// What does one thread's IO and keeps its time: the kernel, or a simulated disk in virtual time.
///
/// Slots name the IOs in flight: at most ``slots``, each used for one IO at a time.
public protocol IOEngine: ~Copyable {
  /// How the IO is done, for the report: `libaio, O_DIRECT`.
  var method: String { get }
  /// How many IOs may be in flight.
  var slots: Int { get }
  /// The bytes of the measured region.
  var size: Int { get }
  /// The largest IO that the device takes without its being split.
  var largestIO: Int { get }
  /// Nanoseconds on a clock that never goes back.
  var now: Int64 { get }
  /// Nanoseconds of processor time that the measuring thread has used.
  var processorTime: Int64 { get }

  /// Starts an IO. Its slot is free, and its bytes lie inside the region.
  mutating func submit(_ request: IORequest) throws(Fault)

  /// Takes what has completed, into `completions` (emptied first), having waited for the first until `deadline` at
  /// most. May come back earlier with none.
  mutating func reap(until deadline: Int64, into completions: inout [IOCompletion]) throws(Fault)
}

/// One read or write.
public struct IORequest: Sendable, Hashable {
  /// Which of the engine's slots it takes.
  public var slot: Int
  /// Whether it writes.
  public var isWrite: Bool
  /// Where it starts in the region, in bytes.
  public var offset: Int
  /// Its length in bytes.
  public var length: Int

  /// Describes an IO.
  public init(slot: Int, isWrite: Bool, offset: Int, length: Int) {
    self.slot = slot
    self.isWrite = isWrite
    self.offset = offset
    self.length = length
  }
}

/// The end of an IO.
public struct IOCompletion: Sendable, Hashable {
  /// The slot that is free again.
  public var slot: Int
  /// When it was seen, in nanoseconds of the engine's clock.
  public var time: Int64

  /// Describes an end.
  public init(slot: Int, time: Int64) {
    self.slot = slot
    self.time = time
  }
}
