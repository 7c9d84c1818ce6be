import ControlProtocol
import Faults
import Glibc
import Kernel

/// A daemon that takes calls and ends before it answers them.
final class DyingDaemon: Sendable {
  let directory: String
  let path: String
  private let listener: SharedDescriptor

  init() throws {
    directory = try temporaryDirectory()
    path = "\(directory)/io.isolated"
    let number = try systemCall("socket") {
      Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    }
    listener = SharedDescriptor(owning: number)
    try UnixAddress.with(path: path) { address, length throws(Fault) in
      try systemCall("bind", path: path) { bind(number, address, length) }
    }
    try systemCall("listen") { listen(number, 8) }
  }

  /// Waits for a call. The caller closes what is returned.
  func takeCall() async throws -> Int32 {
    try await DetachedThread.result { [listener] in
      let call = try systemCall("accept") { accept(listener.rawValue, nil, nil) }
      try systemCall("fcntl") { fcntl(call, F_SETFD, FD_CLOEXEC) }
      return call
    }
  }

  /// Stops listening, as a process that ends does; calls that it has taken are open until they are closed.
  func stopListening() { _ = shutdown(listener.rawValue, Int32(SHUT_RDWR)) }
}
