import CLinux
import Faults
import Glibc
import Kernel

/// Who is at the other end of a control connection, as the kernel recorded it when they connected.
public struct ControlPeer: Sendable {
  /// The effective user id.
  public let uid: uid_t
  /// The effective group id.
  public let gid: gid_t
  /// The process id, as this process's pid namespace counts; 0 for a process outside it.
  public let pid: pid_t
  /// The supplementary groups.
  public let groups: [gid_t]
  /// The process itself, safe from reuse of its id; nil before Linux 6.5 or if it is gone.
  public let process: SharedDescriptor?

  /// Describes a peer.
  public init(uid: uid_t, gid: gid_t, pid: pid_t, groups: [gid_t], process: SharedDescriptor? = nil) {
    self.uid = uid
    self.gid = gid
    self.pid = pid
    self.groups = groups
    self.process = process
  }

  /// Whether `group` is the peer's, be it its own or a supplementary one.
  public func isMember(of group: gid_t) -> Bool { gid == group || groups.contains(group) }

  /// Asks the kernel about a connected UNIX socket: SO_PEERCRED, SO_PEERGROUPS and SO_PEERPIDFD of unix(7).
  ///
  /// - Throws: `system.call-failed`.
  public init(connectedTo socket: Int32) throws(Fault) {
    var pid: pid_t = 0
    var uid: uid_t = 0
    var gid: gid_t = 0
    try systemCall("getsockopt", message: "cannot tell who is calling") {
      clinux_peer_credentials(socket, &pid, &uid, &gid)
    }
    self.init(
      uid: uid, gid: gid, pid: pid, groups: try Self.groups(of: socket), process: Self.process(of: socket))
  }

  private static func groups(of socket: Int32) throws(Fault) -> [gid_t] {
    // NGROUPS_MAX of <linux/limits.h>: nobody can have more.
    for capacity in [64, 65_536] {
      var groups = [gid_t](repeating: 0, count: capacity)
      let count = clinux_peer_groups(socket, &groups, capacity)
      if count >= 0 { return Array(groups.prefix(count)) }
      if errno != ERANGE { break }
    }
    throw Fault(
      .systemCallFailed, "cannot tell which groups the caller is in", systemCall: "getsockopt",
      path: "SO_PEERGROUPS", errno: ErrorNumber(errno))
  }

  /// Absent is an answer here: an older kernel, or a caller who has gone in the meantime.
  private static func process(of socket: Int32) -> SharedDescriptor? {
    let descriptor = clinux_peer_pidfd(socket)
    return descriptor >= 0 ? SharedDescriptor(owning: descriptor) : nil
  }
}
