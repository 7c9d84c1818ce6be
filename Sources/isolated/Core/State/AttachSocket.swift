import CLinux
import ControlProtocol
import Faults
import Glibc
import Kernel

/// The socket at which a tenant's PID 1 takes in the clients of its command's terminal. It lies among the state files,
/// which only root can reach: the daemon connects there, and hands the connection over.
enum AttachSocket {
  static let suffix = "attach"
  /// How many clients may wait for PID 1.
  private static let backlog: Int32 = 8

  /// Makes the listening end, which PID 1 is to have.
  static func listen(_ path: String) throws(Fault) -> SharedDescriptor {
    let socket = try make()
    _ = unlink(path)
    try UnixAddress.with(path: path) { address, length throws(Fault) in
      try systemCall("bind", path: path, message: "cannot make the socket for the tenant's terminal") {
        bind(socket.rawValue, address, length)
      }
    }
    do throws(Fault) {
      try systemCall("chmod", path: path, message: "cannot guard the terminal's socket") { chmod(path, 0o600) }
      try systemCall("listen", path: path, message: "cannot open the terminal's socket") {
        Glibc.listen(socket.rawValue, backlog)
      }
    } catch {
      _ = unlink(path)
      throw error
    }
    return socket
  }

  /// A client's end of a new session.
  static func connect(_ path: String) throws(Fault) -> SharedDescriptor {
    let socket = try make()
    do throws(Fault) {
      try UnixAddress.with(path: path) { address, length throws(Fault) in
        try systemCall("connect", path: path, message: "the tenant's first process takes no client for its terminal") {
          Glibc.connect(socket.rawValue, address, length)
        }
      }
    } catch {
      var fault = error
      // Without waiting: EAGAIN says that there are as many waiting as may.
      if fault.errno?.number == EAGAIN { fault.mend = "is the tenant frozen? Others wait for its terminal already" }
      throw fault
    }
    // For a client that may wait.
    let flags = try systemCall("fcntl") { fcntl(socket.rawValue, F_GETFL) }
    try systemCall("fcntl") { fcntl(socket.rawValue, F_SETFL, flags & ~O_NONBLOCK) }
    return socket
  }

  private static func make() throws(Fault) -> SharedDescriptor {
    let kind = Int32(SOCK_SEQPACKET.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    return SharedDescriptor(
      owning: try systemCall("socket", message: "cannot make a socket") { socket(AF_UNIX, kind, 0) })
  }
}
