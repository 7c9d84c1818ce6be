import Faults

extension Cgroup {
  /// The number of processes and threads.
  public var pids: PidsController { PidsController(group: self) }
}

/// The files of the pids controller.
public struct PidsController: Sendable {
  /// The group whose files they are.
  public let group: Cgroup

  /// pids.max: how many tasks, threads included, the group and its descendants may have.
  public var max: SettingFile<Limit<Count>> { .init(group, "pids.max") }
  /// pids.current: how many there are.
  public var current: StatFile<Count> { .init(group, "pids.current") }
  /// pids.peak: the most there ever were.
  public var peak: StatFile<Count> { .init(group, "pids.peak") }
  /// pids.events: how often a fork was refused.
  public var events: StatFile<PidsEvents> { .init(group, "pids.events") }
  /// pids.events.local: the same for this group's own limit (Linux 6.11).
  public var eventsLocal: StatFile<PidsEvents> { .init(group, "pids.events.local") }
}

/// What pids.events says.
public struct PidsEvents: KernelReadable, Hashable {
  /// How often the number of tasks hit the limit.
  public var max: UInt64

  /// Parses pids.events; keys that this library doesn't know are passed over.
  public init(parsing bytes: UnsafeBufferPointer<UInt8>) throws(Fault) {
    var max: UInt64 = 0
    try ByteScanner.forEachFlatKey(bytes) { key, value in
      if key.equals("max") { max = value }
    }
    self.max = max
  }
}
