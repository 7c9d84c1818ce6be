import CTenantPlan
import ControlProtocol
import Glibc
import Kernel

/// A tenant's terminal, and a session for one client of it, as a tenant's PID 1 holds both.
final class StubTerminal: Sendable {
  /// The client's end.
  let session: SharedDescriptor
  private let far: SharedDescriptor
  /// The tenant's side of the terminal, open as long as the tenant lives.
  private let slave: SharedDescriptor

  /// Makes them, and sends the terminal along the session unless PID 1 doesn't come to that.
  init(isHandedOver: Bool = true) throws {
    var ends: [Int32] = [-1, -1]
    try systemCall("socketpair") {
      socketpair(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends)
    }
    let far = SharedDescriptor(owning: ends[1])
    let (master, slave) = try terminalEnds(columns: 80)
    session = SharedDescriptor(owning: ends[0])
    self.far = far
    self.slave = slave
    guard isHandedOver else { return }
    let message = tenant_session_message(
      type: TENANT_SESSION_TERMINAL.rawValue, code: 0, value: 0, reserved: 0)
    _ = try withUnsafeBytes(of: message) { try MessageSocket.send($0, descriptors: [master], to: far.rawValue) }
  }

  /// Ends the session without a word, as the kernel does when PID 1 is killed.
  func hangUp() { _ = shutdown(far.rawValue, Int32(SHUT_RDWR)) }
}
