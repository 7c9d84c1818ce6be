/// Which promises about IO can be kept on a disk.
public struct PromiseVerdict: Sendable, Encodable, Hashable {
  /// How far they go.
  public enum Level: String, Sendable, Encodable, Hashable {
    /// Reservation, limit, weight and latency target.
    case all
    /// Some of them, or with what `reasons` say.
    case some
    case none
  }

  /// How far promises go.
  public var level: Level
  /// Why not all, in sentences; and what to know where all can be kept.
  public var reasons: [String]

  init(kind: DiskKind, size: Int, isReadOnly: Bool, mechanisms: Mechanisms) {
    level = .all
    reasons = []
    switch kind {
    case .disk: break
    case .loop:
      lower(.some, "a kernel thread repeats its IO on the file beneath: promise the disk that the file lies on")
    case .memory: lower(.some, "it is memory: it has no queue to share, and its processor time isn't governed")
    case .mapped: reasons.append("promises hold at the physical disks beneath")
    case .raid(let level):
      if ["raid0", "raid1", "raid10", "linear"].contains(level) {
        reasons.append("promises hold at the physical disks beneath")
      } else {
        lower(.none, "md \(level) writes from a thread of its own: the kernel no longer knows whose the IO is")
      }
    case .network: lower(.some, "others may share the far end and the network between")
    case .optical: lower(.none, "an optical drive")
    }
    if size == 0 { lower(.none, "it has no medium") }
    if isReadOnly { reasons.append("it is read-only") }
    if case .missing(let because) = mechanisms.ioMax { lower(.none, because) }
    if case .possible(let after) = mechanisms.ioMax { reasons.append("only after \(after)") }
    if case .missing = mechanisms.bpf, level != .none {
      reasons.append("latency targets are held by the disk's queue and can't be verified: no BTF for BPF")
    }
  }

  private mutating func lower(_ level: Level, _ reason: String) {
    if self.level != .none { self.level = level }
    reasons.append(reason)
  }
}

/// A mount whose IO no disk of this host does.
public struct UngovernedMount: Sendable, Encodable, Hashable {
  /// Where it is mounted.
  public var point: String
  /// The file system's type.
  public var type: String
  /// Why no promise can be kept on it.
  public var reason: String

  /// Those of a host, by mount point.
  public static func all(_ tree: SystemTree = SystemTree()) -> [UngovernedMount] {
    MountTable(tree).mounts.compactMap { mount in
      reason(type: mount.type).map { UngovernedMount(point: mount.point, type: mount.type, reason: $0) }
    }.sorted { $0.point < $1.point }
  }

  /// Why no promise can be kept on a file system; nil for one that may lie on a disk, or that holds no data.
  static func reason(type: String) -> String? {
    switch type {
    case "nfs", "nfs4", "cifs", "smb3", "ceph", "9p", "afs", "glusterfs", "lustre", "ocfs2", "gfs2":
      "a network's IO has no owner that the io controller knows"
    case let fuse where fuse.hasPrefix("fuse.") || fuse == "fuse" || fuse == "virtiofs":
      "another process does its IO"
    case "zfs": "ZFS does its IO in threads of its own: the kernel doesn't know whose it is"
    default: nil
    }
  }
}
