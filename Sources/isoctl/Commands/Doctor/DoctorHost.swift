import Faults
import Glibc
import IOCalibration

/// All that the checks see of a host: files beneath a root, and a few answers that no file gives. The checks themselves
/// make no system call, so that tests put another host in this one's place.
struct DoctorHost: Sendable {
  /// Who owns a file, and who may do what with it.
  struct FileFacts: Sendable, Hashable {
    var mode: UInt32
    var user: UInt32
    var group: UInt32

    var isDirectory: Bool { mode & UInt32(S_IFMT) == UInt32(S_IFDIR) }
    /// Whether others than root may have written it.
    var isUntrusted: Bool { user != 0 || mode & 0o022 != 0 }
    /// The permission bits as ls(1) users write them.
    var permissions: String { "0" + String(mode & 0o7777, radix: 8) }
  }

  /// The host's files.
  var tree: SystemTree
  /// What the kernel answers.
  var kernel: KernelAnswers
  /// Who asks.
  var caller: Caller
  /// What systemd says; nil where it can't be asked.
  var systemd: SystemdAnswers?
  /// What the daemon says.
  var daemon: DaemonAnswer
  /// The disks.
  var disks: [DiskFacts]
  /// The calibration of a disk by its id.
  var calibration: @Sendable (String) throws(Fault) -> Calibration?
  /// Whether the ids of a detached copy of the mount at a path can be mapped.
  var mapsIds: @Sendable (String) -> KernelAnswer
  /// Seconds since 1970.
  var now: Int64

  /// Whoever runs the command.
  struct Caller: Sendable {
    var user: UInt32
    var groups: [UInt32]

    var isRoot: Bool { user == 0 }
  }

  /// A file's facts; nil where there is none.
  func facts(_ path: String) -> FileFacts? {
    var status = stat()
    guard stat(tree.root + path, &status) == 0 else { return nil }
    return FileFacts(mode: status.st_mode, user: status.st_uid, group: status.st_gid)
  }

  /// The words of a file's text.
  func words(_ path: String) -> [Substring] {
    (tree.text(path, limit: 1 << 20) ?? "").split { $0 == " " || $0 == "\n" || $0 == "\t" }
  }

  /// The lines of a file's text.
  func lines(_ path: String) -> [Substring] { (tree.text(path, limit: 4 << 20) ?? "").split(separator: "\n") }

  /// Runs as many tenants as the daemon allows by default.
  static let usualTenants = 4096
}

/// The kernel's answer to a question: yes, with a number where it gives one.
enum KernelAnswer: Sendable, Hashable {
  case yes(Int)
  case no(ErrorNumber)
  /// It wasn't asked, and why.
  case notAsked(String)
}

/// What only system calls can tell.
struct KernelAnswers: Sendable {
  /// uname(2).
  var release: String
  var machine: String
  /// Executable memory files: memfd_create(2).
  var executableMemory: KernelAnswer
  var pidfd: KernelAnswer
  var clone3: KernelAnswer
  var openat2: KernelAnswer
  /// The version of its interface.
  var landlock: KernelAnswer
  var seccompFilter: KernelAnswer
  var seccompLog: KernelAnswer
  var seccompNotification: KernelAnswer
  var coreScheduling: KernelAnswer
  /// New namespaces of a kind within a new user namespace, by the kind's name in /proc/PID/ns.
  var namespaces: [String: KernelAnswer]
  /// BPF programs for devices on the cgroup2 hierarchy.
  var deviceFilter: KernelAnswer
}

/// What `systemctl show` answers.
struct SystemdAnswers: Sendable {
  /// The manager's version: `257.4-1`.
  var version: String
  /// The properties of units, by unit.
  var units: [String: [String: String]]

  /// A unit's property; nil where systemd didn't say.
  func property(_ name: String, of unit: String) -> String? { units[unit]?[name] }
}

/// What the daemon answers, or why it doesn't.
struct DaemonAnswer: Sendable {
  enum Reach: Sendable {
    case answers(version: String, controllers: [String])
    case fails(Fault)
  }

  /// The socket that was tried.
  var socket: String
  var reach: Reach
  /// Why IO latencies aren't measured on disks, by the disk's name.
  var latencyAbsences: [String: String] = [:]
}
