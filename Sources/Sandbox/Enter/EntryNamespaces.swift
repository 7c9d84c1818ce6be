import CLinux
import Faults
import Glibc
import Kernel

/// Which namespaces of a process one has to join to be where it is.
public enum EntryNamespaces {
  private static let kinds: [(name: String, flag: Int)] = [
    ("user", CLINUX_NAMESPACE_USER), ("mnt", CLINUX_NAMESPACE_MOUNT), ("pid", CLINUX_NAMESPACE_PID),
    ("net", CLINUX_NAMESPACE_NETWORK), ("ipc", CLINUX_NAMESPACE_IPC), ("uts", CLINUX_NAMESPACE_UTS),
    ("cgroup", CLINUX_NAMESPACE_CGROUP), ("time", CLINUX_NAMESPACE_TIME),
  ]

  /// CLONE_NEW* of those that aren't this process's own: a namespace that a tenant shares with the host belongs to the
  /// host's user namespace, and whoever has joined the tenant's may not join it (setns(2)).
  ///
  /// The caller holds a pidfd of the process and has to make sure afterwards that it still lives: its number could have
  /// become another one's in between.
  public static func differing(of pid: Int32) throws(Fault) -> UInt32 {
    var flags: UInt32 = 0
    for kind in kinds where try differs(kind.name, of: pid) { flags |= UInt32(kind.flag) }
    return flags
  }

  /// Never where the running kernel was built without such namespaces (CONFIG_TIME_NS, CONFIG_UTS_NS…).
  static func differs(_ kind: String, of pid: Int32) throws(Fault) -> Bool {
    let own: UInt64
    do throws(Fault) {
      own = try inode("/proc/self/ns/\(kind)")
    } catch {
      guard error.errno?.number == ENOENT else { throw error }
      return false
    }
    return try inode("/proc/\(pid)/ns/\(kind)") != own
  }

  private static func inode(_ path: String) throws(Fault) -> UInt64 {
    var status = stat()
    try systemCall("stat", path: path, message: "cannot see which namespaces the tenant has") { stat(path, &status) }
    return UInt64(status.st_ino)
  }
}
