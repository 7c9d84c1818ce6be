import CLinux
import Faults
import Glibc
import Kernel

/// Quotas by project on the file system of an open file; see quotactl(2), ext4(5), xfs_quota(8).
enum ProjectQuota {
  /// What a project uses, and the most that it may.
  struct Usage: Sendable, Hashable {
    var bytes: UInt64
    var inodes: UInt64
    /// 0 for no bound, as the kernel has it.
    var mostBytes: UInt64
    var mostInodes: UInt64
  }

  /// How far a file system goes.
  enum Support: Sendable, Hashable {
    /// Limits are enforced.
    case enforced
    /// It knows such quotas, and counts at most.
    case off
    /// It has none.
    case none
  }

  /// Asks the file system of `file`.
  static func support(_ file: Int32) -> Support {
    switch clinux_quota_enforced(file) {
    case 1...: .enforced
    case 0: .off
    // ESRCH: of a type that isn't turned on (quotactl(2)).
    default: errno == ESRCH ? .off : .none
    }
  }

  /// The project that a file or directory belongs to, and whether what is made in it does.
  static func project(of file: Int32, path: String) throws(Fault) -> (id: UInt32, inherits: Bool) {
    var id: UInt32 = 0
    var inherits: Int32 = 0
    try systemCall("ioctl", path: path, message: "cannot read the file's project") {
      clinux_project_get(file, &id, &inherits)
    }
    return (id, inherits != 0)
  }

  /// Puts a file or directory into a project.
  static func setProject(_ id: UInt32, inherits: Bool, of file: Int32, path: String) throws(Fault) {
    try systemCall("ioctl", path: path, message: "cannot put the file into the tenant's project") {
      clinux_project_set(file, id, inherits ? 1 : 0)
    }
  }

  /// What a project uses on the file system of `file`.
  static func usage(of project: UInt32, on file: Int32, path: String) throws(Fault) -> Usage {
    var quota = clinux_quota()
    try systemCall("quotactl_fd", path: path, message: "cannot read the tenant's disk quota") {
      clinux_quota_get(file, project, &quota)
    }
    return Usage(
      bytes: quota.bytes, inodes: quota.inodes, mostBytes: quota.most_bytes, mostInodes: quota.most_inodes)
  }

  /// Sets a project's bounds; 0 takes one away.
  static func limit(
    _ project: UInt32, bytes: UInt64, inodes: UInt64, on file: Int32, path: String
  ) throws(Fault) {
    try systemCall("quotactl_fd", path: path, message: "cannot set the tenant's disk quota") {
      clinux_quota_set(file, project, bytes, inodes)
    }
  }
}
