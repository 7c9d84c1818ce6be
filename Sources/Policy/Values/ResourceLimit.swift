/// One of the limits that setrlimit(2) sets, by its name in lower case without `RLIMIT_`.
public enum Resource: String, CaseIterable, Sendable, Hashable {
  /// Address space, in bytes.
  case `as`
  /// Size of a core dump, in bytes.
  case core
  /// Processor time, in seconds.
  case cpu
  /// Data segment, in bytes.
  case data
  /// Size of a file that is created, in bytes.
  case fsize
  /// Number of locks (unused since Linux 2.4.24).
  case locks
  /// Locked memory, in bytes.
  case memlock
  /// Bytes in POSIX message queues of the user.
  case msgqueue
  /// Ceiling of the nice value, as 20 minus the value.
  case nice
  /// One more than the highest descriptor number.
  case nofile
  /// Number of processes of the user.
  case nproc
  /// Resident set, in bytes (without effect on Linux since 2.4.30).
  case rss
  /// Ceiling of the real-time priority.
  case rtprio
  /// Real-time processor time without a blocking call, in microseconds.
  case rttime
  /// Number of queued signals of the user.
  case sigpending
  /// Stack of the main thread, in bytes.
  case stack

  /// The number of the resource on x86-64 and arm64 (`asm-generic/resource.h`).
  public var number: Int32 {
    switch self {
    case .cpu: 0
    case .fsize: 1
    case .data: 2
    case .stack: 3
    case .core: 4
    case .rss: 5
    case .nproc: 6
    case .nofile: 7
    case .memlock: 8
    case .as: 9
    case .locks: 10
    case .sigpending: 11
    case .msgqueue: 12
    case .nice: 13
    case .rtprio: 14
    case .rttime: 15
    }
  }
}

/// `rlimits`: one resource limit, in the unit that setrlimit(2) gives the resource.
public struct ResourceLimit: Sendable, Equatable {
  /// The resource.
  public var resource: Positioned<Resource>
  /// The limit that is enforced; at most ``hard``.
  public var soft: Limit<UInt64>
  /// The ceiling to which the tenant may raise ``soft``.
  public var hard: Limit<UInt64>
}
