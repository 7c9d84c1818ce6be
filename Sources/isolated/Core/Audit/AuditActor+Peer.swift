import CLinux
import Glibc
import Kernel

extension AuditActor {
  /// Looks at a peer's process as it is now.
  init(_ peer: ControlPeer) { self.init(uid: peer.uid, gid: peer.gid, pid: peer.pid, process: Self.name(of: peer)) }

  private static func name(of peer: ControlPeer) -> String? {
    guard peer.pid > 0, let text = try? SmallFile.read("/proc/\(peer.pid)/comm", limit: 64) else { return nil }
    // Read before the look at the pidfd: the number wasn't another process's yet if this one is still there.
    if let process = peer.process, clinux_pidfd_send_signal(process.rawValue, 0) != 0, errno == ESRCH { return nil }
    return text.hasSuffix("\n") ? String(text.dropLast()) : text
  }
}
