import ControlProtocol
import Sandbox
import Policy

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
  /// What its Landlock domain holds; nil in records of daemons before there was one.
  var landlock: String?
  /// How much of disks it may fill; nil for no bound.
  var disk: DiskBound?
  /// Its share of memory bandwidth; nil for no bound.
  var bandwidthPercent: UInt64?
  /// What it runs by, and is started again from, whatever became of the file since; nil where the record was lost, and in
  /// records of daemons before this was kept.
  var source: PolicySource?
  /// What its group's files said before a change that was begun and isn't finished: written back, the last first, it
  /// is undone.
  var undo: [WrittenLimit]?
  /// The terminal that its command has, and is given again at its next start; nil for none, and in records of daemons
  /// before there were any.
  var terminal: TerminalRequest?
  /// What a further command in it needs; nil in records of daemons before this was kept, and where a record was lost.
  var entry: EntryRecord?
  /// How it ended, once it has; also while it is backing off, which ``RestartState/due`` tells.
  var exit: Exit?
  /// Variables beside the policy's, for its next start; nil for none.
  var environment: [String: String]?
  /// Its restarts; nil where its policy has none.
  var restart: RestartState?
  /// Those that it comes after; nil for nobody.
  var after: [String]?
}
