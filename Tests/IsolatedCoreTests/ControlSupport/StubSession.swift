import CTenantPlan
import ControlProtocol
import Faults
import Glibc
import Kernel

/// Attends to a child of the test as tenant-init attends to a command in a tenant.
enum StubSession {
  /// Starts to; answers the client's end.
  static func attend(_ pid: pid_t) throws(Fault) -> SharedDescriptor {
    var ends: [Int32] = [-1, -1]
    try systemCall("socketpair") {
      socketpair(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends)
    }
    let far = SharedDescriptor(owning: ends[1])
    // A child that was waited for has no pid any more: one that is signalled is never waited for before.
    let hasEnded = Guarded(false)
    DetachedThread.run { listen(far, pid, hasEnded) }
    DetachedThread.run { report(far, pid, hasEnded) }
    return SharedDescriptor(owning: ends[0])
  }

  private static func listen(_ socket: SharedDescriptor, _ pid: pid_t, _ hasEnded: Guarded<Bool>) {
    var message = tenant_session_message()
    let size = MemoryLayout<tenant_session_message>.size
    while true {
      let heard = recv(socket.rawValue, &message, size, 0) == size
      hasEnded.withLock { hasEnded in
        if !hasEnded { _ = kill(pid, heard ? message.value : SIGHUP) }
      }
      if !heard { return }
    }
  }

  private static func report(_ socket: SharedDescriptor, _ pid: pid_t, _ hasEnded: Guarded<Bool>) {
    var information = siginfo_t()
    while waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT) < 0 && errno == EINTR {}
    var status: Int32 = 0
    hasEnded.withLock { hasEnded in
      hasEnded = true
      while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
    }
    let signal = status & 0x7f
    var message = tenant_session_message(
      type: TENANT_SESSION_ENDED.rawValue, code: signal == 0 ? 1 : 2,
      value: signal == 0 ? (status >> 8) & 0xff : signal,
      reserved: 0)
    _ = send(socket.rawValue, &message, MemoryLayout<tenant_session_message>.size, Int32(MSG_NOSIGNAL))
    _ = shutdown(socket.rawValue, Int32(SHUT_RDWR))
  }
}
