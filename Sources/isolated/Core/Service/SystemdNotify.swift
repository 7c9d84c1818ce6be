import Faults
import Glibc
import Kernel

/// Tells systemd how the daemon does: sd_notify(3), without its library.
enum SystemdNotify {
  /// Sends `state`, such as `READY=1`; does nothing when systemd didn't ask to be told.
  static func send(_ state: String) throws(Fault) {
    guard let path = getenv("NOTIFY_SOCKET").map({ String(cString: $0) }), !path.isEmpty else { return }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    var bytes = Array(path.utf8)
    // systemd names an abstract socket with '@'.
    if bytes.first == UInt8(ascii: "@") { bytes[0] = 0 }
    guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
      throw Fault(.systemCallFailed, "the path in NOTIFY_SOCKET is too long", path: path)
    }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    let length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count)
    let socket = OwnedDescriptor(
      owning: try systemCall("socket", message: "cannot notify systemd") {
        Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
      })
    let number = socket.rawValue
    try systemCall("sendto", path: path, message: "cannot notify systemd") {
      withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
          sendto(number, state, state.utf8.count, Int32(MSG_NOSIGNAL), address, length)
        }
      }
    }
  }
}
