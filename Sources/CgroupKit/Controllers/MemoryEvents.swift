import Faults

/// What memory.events and memory.events.local say: how often each thing has happened.
public struct MemoryEvents: KernelReadable, Hashable {
  /// Memory under memory.low was reclaimed all the same.
  public var low: UInt64 = 0
  /// Processes were slowed at memory.high.
  public var high: UInt64 = 0
  /// Usage was about to pass memory.max.
  public var max: UInt64 = 0
  /// The limit was reached and an allocation was about to fail.
  public var oom: UInt64 = 0
  /// Processes of the group were killed by any OOM killer.
  public var oomKill: UInt64 = 0
  /// The whole group was killed (Linux 5.17); `nil` on older kernels.
  public var oomGroupKill: UInt64?

  /// Parses memory.events; keys that this library doesn't know are passed over.
  public init(parsing bytes: UnsafeBufferPointer<UInt8>) throws(Fault) {
    var events = MemoryEvents()
    try ByteScanner.forEachFlatKey(bytes) { key, value in
      if key.equals("low") {
        events.low = value
      } else if key.equals("high") {
        events.high = value
      } else if key.equals("max") {
        events.max = value
      } else if key.equals("oom") {
        events.oom = value
      } else if key.equals("oom_kill") {
        events.oomKill = value
      } else if key.equals("oom_group_kill") {
        events.oomGroupKill = value
      }
    }
    self = events
  }

  private init() {}
}

/// What memory.swap.events says: how often each thing has happened.
public struct SwapEvents: KernelReadable, Hashable {
  /// Usage of swap was above memory.swap.high.
  public var high: UInt64 = 0
  /// Usage of swap was about to pass memory.swap.max.
  public var max: UInt64 = 0
  /// Swap couldn't be had: the limit was reached, or the system is out of it.
  public var fail: UInt64 = 0

  /// Parses memory.swap.events; keys that this library doesn't know are passed over.
  public init(parsing bytes: UnsafeBufferPointer<UInt8>) throws(Fault) {
    var events = SwapEvents()
    try ByteScanner.forEachFlatKey(bytes) { key, value in
      if key.equals("high") {
        events.high = value
      } else if key.equals("max") {
        events.max = value
      } else if key.equals("fail") {
        events.fail = value
      }
    }
    self = events
  }

  private init() {}
}
