import Faults
import Glibc

/// The address of a UNIX socket that is a file: unix(7).
public enum UnixAddress {
  /// Calls `body` with the address of `path`.
  ///
  /// - Throws: `control.bad-socket-path` if the path is empty, has a NUL or is longer than the kernel's 107 bytes;
  ///   whatever `body` throws.
  @discardableResult
  public static func with<Result>(
    path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) throws(Fault) -> Result
  ) throws(Fault) -> Result {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let text = Array(path.utf8)
    let room = MemoryLayout.size(ofValue: address.sun_path) - 1
    guard !text.isEmpty, text.count <= room, !text.contains(0) else {
      throw Fault(
        .badSocketPath, "a socket's path has between 1 and \(room) bytes", path: path,
        mend: "choose a shorter path")
    }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: text) }
    let length = socklen_t(MemoryLayout<sockaddr_un>.size)
    return try withUnsafePointer(to: &address) { pointer throws(Fault) in
      try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic throws(Fault) in
        try body(generic, length)
      }
    }
  }
}

extension Fault.Code {
  /// A path can't be that of a socket.
  public static let badSocketPath: Self = "control.bad-socket-path"
}
