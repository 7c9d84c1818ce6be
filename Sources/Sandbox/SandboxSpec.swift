import Faults

/// Everything that decides how one tenant's sandbox looks, as a plain value: no descriptor, no name left to look up.
public struct SandboxSpec: Sendable {
  /// What lies at the bottom of the tenant's root.
  public enum Base: Sendable, Hashable {
    /// The host's programs by allow-list; see ``HostTemplate``.
    case host
    /// A directory of the host that holds a root file system, its ids mapped to the tenant's.
    case directory(String)
  }

  /// Where changes to a root from a directory go.
  public enum Overlay: Sendable, Hashable {
    /// There are none: the root is read-only.
    case none
    /// Into memory, at most this many bytes; gone with the tenant.
    case memory(bytes: UInt64)
    /// Into a directory of the host, where they stay.
    case directory(String)
  }

  /// A directory or file of the host that the tenant sees.
  public struct HostPath: Sendable, Hashable {
    /// Absolute, on the host.
    public var source: String
    /// Absolute, in the tenant.
    public var target: String
    /// Whether the tenant may write. A writable path's ids are mapped: see ``IdentityMap/writable(_:)``.
    public var isWritable: Bool
    /// Whether the files of a writable path belong to the tenant's own ids on the disk: then no id is mapped.
    public var keepsOwnIds: Bool

    /// Names the two ends.
    public init(source: String, target: String, isWritable: Bool, keepsOwnIds: Bool = false) {
      self.source = source
      self.target = target
      self.isWritable = isWritable
      self.keepsOwnIds = keepsOwnIds
    }
  }

  /// A file system in the tenant's memory.
  public struct TemporaryMount: Sendable, Hashable {
    /// Absolute, in the tenant.
    public var path: String
    /// The most that it may hold, in bytes.
    public var bytes: UInt64
    /// The most files that it may hold; nil for the kernel's default.
    public var inodes: UInt64?
    /// Permission bits of its root directory.
    public var mode: UInt32
    /// Owner of its root directory, inside.
    public var uid: UInt32
    /// Group of its root directory, inside.
    public var gid: UInt32

    /// Describes a mount.
    public init(
      path: String, bytes: UInt64, inodes: UInt64? = nil, mode: UInt32 = 0o755, uid: UInt32 = 0, gid: UInt32 = 0
    ) {
      self.path = path
      self.bytes = bytes
      self.inodes = inodes
      self.mode = mode
      self.uid = uid
      self.gid = gid
    }
  }

  /// A file whose text is the tenant's own.
  public struct SuppliedFile: Sendable, Hashable {
    /// Absolute, in the tenant.
    public var path: String
    /// What it holds.
    public var bytes: [UInt8]

    /// Describes a file.
    public init(path: String, bytes: [UInt8]) {
      self.path = path
      self.bytes = bytes
    }
  }

  /// A file that only the tenant may see besides the host's root.
  public struct Secret: Sendable, Hashable {
    /// Its name in ``secretsPlace``.
    public var name: String
    /// Absolute, on the host.
    public var source: String
    /// Its owner, inside.
    public var uid: UInt32
    /// Its group, inside.
    public var gid: UInt32
    /// Permission bits.
    public var mode: UInt32
    /// Where the policy names it.
    public var position: Fault.Position?

    /// Describes a secret.
    public init(
      name: String, source: String, uid: UInt32, gid: UInt32, mode: UInt32, position: Fault.Position? = nil
    ) {
      self.name = name
      self.source = source
      self.uid = uid
      self.gid = gid
      self.mode = mode
      self.position = position
    }
  }

  /// Where a tenant finds its secrets.
  public static let secretsPlace = "/run/secrets"

  /// One setrlimit(2); nil is RLIM_INFINITY.
  public struct ResourceLimit: Sendable, Hashable {
    /// The number of the resource, RLIMIT_*.
    public var resource: UInt32
    /// What is enforced.
    public var soft: UInt64?
    /// What the tenant may raise it to.
    public var hard: UInt64?

    /// Describes a limit.
    public init(resource: UInt32, soft: UInt64?, hard: UInt64?) {
      self.resource = resource
      self.soft = soft
      self.hard = hard
    }
  }

  /// Where the payload's output goes when no client holds its standard streams.
  public struct LogSettings: Sendable, Hashable {
    /// The identifier in the journal, or the file's name without `.log`.
    public var identifier: String
    /// The rate that may pass in the long run.
    public var bytesPerSecond: UInt64
    /// What may pass at once.
    public var burst: UInt64
    /// The size in bytes at which a file is rotated; one older file is kept.
    public var fileSize: UInt64

    /// Describes the bound.
    public init(identifier: String, bytesPerSecond: UInt64, burst: UInt64, fileSize: UInt64) {
      self.identifier = identifier
      self.bytesPerSecond = bytesPerSecond
      self.burst = burst
      self.fileSize = fileSize
    }
  }

  /// A terminal for the payload, instead of standard streams.
  public struct Terminal: Sendable, Hashable {
    /// Its lines.
    public var rows: UInt16
    /// Its characters in a line.
    public var columns: UInt16
    /// How long, in seconds, output waits for a first client before it goes to the log.
    public var patience: UInt32

    /// Describes a terminal.
    public init(rows: UInt16, columns: UInt16, patience: UInt32 = 0) {
      self.rows = rows
      self.columns = columns
      self.patience = patience
    }
  }

  /// The name inside, from uname(2).
  public var hostname: String
  /// The host's ids that the tenant's ids stand for.
  public var identityRange: IdentityRange
  /// What the root is made of.
  public var base: Base = .host
  /// Where changes to a directory's root go.
  public var overlay: Overlay = .memory(bytes: 64 << 20)
  /// What else of the host is seen.
  public var hostPaths: [HostPath] = []
  /// Memory file systems beyond /tmp and /dev/shm.
  public var temporaryMounts: [TemporaryMount] = []
  /// Bytes that /tmp and /dev/shm may hold, each.
  public var temporaryBytes: UInt64 = 64 << 20
  /// Files with a text of the tenant's own.
  public var suppliedFiles: [SuppliedFile] = []
  /// What only the tenant may read.
  public var secrets: [Secret] = []
  /// Device nodes of the host beyond the standard ones.
  public var devices: [String] = []
  /// Whether the tenant has the host's network instead of an empty one of its own.
  public var usesHostNetwork = false
  /// User namespaces that may be made inside.
  public var maximumUserNamespaces: UInt64 = 0
  /// Offsets of the monotonic and the boot-time clock, in microseconds.
  public var clockOffsets: (monotonic: Int64, boottime: Int64)?
  /// Whether nobody else runs on the threads of a core that the tenant runs on.
  public var schedulesCoresAlone = false
  /// What the payload is kept to beside its mounts; nil for nothing.
  public var domain: LandlockDomain?
  /// Settings beneath /proc/sys, by their names with slashes.
  public var sysctls: [(name: String, value: String)] = []
  /// Resource limits; every one that isn't named gets ``ResourceLimit/defaults``.
  public var resourceLimits: [ResourceLimit] = []
  /// The kernel's OOM score adjustment.
  public var oomScoreAdjustment: Int32 = 0
  /// The payload's user id inside.
  public var uid: UInt32
  /// The payload's group id inside.
  public var gid: UInt32
  /// The payload's further groups inside.
  public var groups: [UInt32] = []
  /// What the payload holds just before its execve.
  public var capabilities: CapabilitySets = .none
  /// The compiled filter: `struct sock_filter` after `struct sock_filter`.
  public var filter: [UInt8]
  /// Flags of seccomp(2) for the filter: see ``SeccompFlags``.
  public var filterFlags: UInt32 = 0
  /// Program and arguments.
  public var arguments: [String]
  /// `NAME=value`.
  public var environment: [String] = []
  /// Absolute, in the tenant.
  public var workingDirectory = "/"
  /// File mode creation mask.
  public var umask: UInt32 = 0o022
  /// nil when the client's own streams are used.
  public var logs: LogSettings?
  /// nil where the payload has plain streams. With one, ``logs`` takes what is written while nobody is attached.
  public var terminal: Terminal?

  /// A spec with safe defaults for the rest.
  public init(
    hostname: String, identityRange: IdentityRange, uid: UInt32, gid: UInt32, filter: [UInt8], arguments: [String]
  ) {
    self.hostname = hostname
    self.identityRange = identityRange
    self.uid = uid
    self.gid = gid
    self.filter = filter
    self.arguments = arguments
  }
}

extension SandboxSpec.ResourceLimit {
  /// RLIMIT_CORE for no core dump at all. 0 forbids files only: a program that `kernel.core_pattern` names would still
  /// be started as the host's root and be given the tenant's memory. 1 forbids both (fs/coredump.c).
  public static let noCoreDump: UInt64 = 1

  /// What a tenant gets for each resource that its policy doesn't name: systemd's defaults for a service, set
  /// explicitly so that the daemon's own limits never show through.
  public static let defaults: [Self] = [
    Self(resource: 0, soft: nil, hard: nil),  // cpu
    Self(resource: 1, soft: nil, hard: nil),  // fsize
    Self(resource: 2, soft: nil, hard: nil),  // data
    Self(resource: 3, soft: 8 << 20, hard: nil),  // stack
    Self(resource: 4, soft: noCoreDump, hard: noCoreDump),  // core
    Self(resource: 5, soft: nil, hard: nil),  // rss
    Self(resource: 6, soft: nil, hard: nil),  // nproc: pids.max rules
    Self(resource: 7, soft: 1024, hard: 524_288),  // nofile
    Self(resource: 8, soft: 8 << 20, hard: 8 << 20),  // memlock
    Self(resource: 9, soft: nil, hard: nil),  // as
    Self(resource: 10, soft: nil, hard: nil),  // locks
    Self(resource: 11, soft: 31_000, hard: 31_000),  // sigpending
    Self(resource: 12, soft: 819_200, hard: 819_200),  // msgqueue
    Self(resource: 13, soft: 0, hard: 0),  // nice
    Self(resource: 14, soft: 0, hard: 0),  // rtprio
    Self(resource: 15, soft: nil, hard: nil),  // rttime
  ]
}
