import Faults
import Glibc
import Kernel

/// SOCK_SEQPACKET sockets between two processes.
enum SocketPair {
  /// Makes one, which is closed at an exec.
  ///
  /// - Parameter message: what can't be done without it.
  /// - Returns: its two ends, the caller's own.
  static func make(message: String) throws(Fault) -> (Int32, Int32) {
    var ends: [Int32] = [-1, -1]
    try systemCall("socketpair", message: message) {
      socketpair(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends)
    }
    return (ends[0], ends[1])
  }
}
