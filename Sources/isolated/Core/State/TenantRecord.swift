import ControlProtocol

/// What a restarted daemon must know of a tenant; one JSON file each beneath the state directory.
struct TenantRecord: Codable, Sendable {
  /// The version that this daemon writes; it reads this and all before.
  static let currentVersion = 1

  /// A cgroup file and what was written to it.
  struct WrittenLimit: Codable, Sendable {
    var file: String
    var text: String
  }

  /// Where the tenant's output goes.
  enum LogPlace: String, Codable, Sendable {
    case journal, file, stdio
  }

  var version = currentVersion
  var name: String
  /// What it was spawned from: a policy's name or file.
  var policy: String
  /// The user who spawned it.
  var owner: UInt32
  /// PID 1 of the tenant, in the host's namespace.
  var pid: Int32
  /// That process's start time in clock ticks since boot: pid and start time together never repeat.
  var startTicks: UInt64
  /// When it was started, in microseconds since 1970.
  var startedMicroseconds: Int
  /// The same since boot, which doesn't jump when the clock is set; nil in records of daemons before this was kept.
  var startedBootMicroseconds: Int?
  var command: [String]
  /// The group's path.
  var group: String
  /// The first host id of its range.
  var firstIdentity: UInt32
  var limits: [WrittenLimit]
  var capabilities: [String]
  var seccomp: String
  var notEnforced: [String]
  /// Bytes that admission counts.
  var reservedMemory: UInt64
  var maximumMemory: UInt64
  var logPlace: LogPlace
  var stopSignal: Int32
  var stopGraceMicroseconds: UInt64
  /// Whether a client holds its streams, so that the record goes with it.
  var isForeground: Bool
  /// What it was promised of disks; nil where the host has no io controller, and in records of daemons before this
  /// was kept.
  var io: IORecord?
  /// How it ended, once it has.
  var exit: Exit?
}
