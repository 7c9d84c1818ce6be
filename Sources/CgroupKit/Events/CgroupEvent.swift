/// Something that happened to a group.
public enum CgroupEvent: Sendable, Hashable {
  /// The group and those beneath it got their first process, or lost their last.
  case populated(Bool)
  /// All processes came to stand, or may run again.
  case frozen(Bool)
  /// A counter grew, by `delta` since the last event of this counter, to `total`.
  case counted(EventCounter, delta: UInt64, total: UInt64)
  /// The group was removed; nothing follows.
  case removed
}

/// One counter of one of a group's event files, for example `oom_kill` in memory.events.
public struct EventCounter: Hashable, Sendable {
  /// The file's name.
  public let file: String
  /// The key within the file.
  public let key: String

  /// Names a counter.
  public init(file: String, key: String) {
    self.file = file
    self.key = key
  }

  /// Memory under memory.low was reclaimed all the same.
  public static let memoryLow = EventCounter(file: "memory.events", key: "low")
  /// Processes were slowed at memory.high.
  public static let memoryHigh = EventCounter(file: "memory.events", key: "high")
  /// Usage was about to pass memory.max.
  public static let memoryMax = EventCounter(file: "memory.events", key: "max")
  /// An allocation was about to fail at memory.max.
  public static let oom = EventCounter(file: "memory.events", key: "oom")
  /// Processes were killed by an OOM killer.
  public static let oomKill = EventCounter(file: "memory.events", key: "oom_kill")
  /// The whole group was killed by the OOM killer.
  public static let oomGroupKill = EventCounter(file: "memory.events", key: "oom_group_kill")
  /// Usage of swap was above memory.swap.high.
  public static let swapHigh = EventCounter(file: "memory.swap.events", key: "high")
  /// Usage of swap was about to pass memory.swap.max.
  public static let swapMax = EventCounter(file: "memory.swap.events", key: "max")
  /// Swap couldn't be had.
  public static let swapFail = EventCounter(file: "memory.swap.events", key: "fail")
  /// A fork was refused at pids.max.
  public static let pidsMax = EventCounter(file: "pids.events", key: "max")
}

extension EventCounter: CustomStringConvertible {
  /// `memory.events oom_kill`.
  public var description: String { "\(file) \(key)" }
}
