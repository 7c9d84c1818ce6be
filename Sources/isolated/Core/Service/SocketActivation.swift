import Faults
import Glibc
import Kernel

/// Sockets that the service manager opened ahead of the daemon: sd_listen_fds(3), without its library.
enum SocketActivation {
  /// The first descriptor that is handed over; the others follow it.
  private static let first: Int32 = 3
  /// More than any unit passes; a larger number is a mistake and not tried out on other descriptors.
  private static let most: Int32 = 1024
  private static let variables = ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"]

  /// Takes over the one socket that was meant for this process, and clears the variables so that nobody else does.
  ///
  /// Call it before other threads exist.
  ///
  /// - Returns: nothing where nobody passed a socket to this process.
  /// - Throws: `control.bad-listener` for more than one, or for variables that make no sense.
  static func takeSocket() throws(Fault) -> Int32? {
    let count = try count(in: { name in getenv(name).map { String(cString: $0) } }, pid: getpid())
    for name in variables { unsetenv(name) }
    for number in first..<(first + count) {
      try systemCall("fcntl", message: "cannot take over a socket that the service manager passed") {
        fcntl(number, F_SETFD, FD_CLOEXEC)
      }
    }
    guard count <= 1 else {
      throw Fault(
        .badListener, "the service manager passed \(count) sockets; the daemon takes its control socket only",
        mend: "leave one ListenStream= in the socket unit")
    }
    return count == 1 ? first : nil
  }

  /// How many descriptors were passed to the process `pid`.
  ///
  /// - Parameter variable: the value of a variable of the environment.
  /// - Throws: `control.bad-listener` for numbers that are none.
  static func count(in variable: (String) -> String?, pid: Int32) throws(Fault) -> Int32 {
    guard let target = variable("LISTEN_PID"), let passed = variable("LISTEN_FDS") else { return 0 }
    guard let process = Int32(target), process > 0, let count = Int32(passed), (1...most).contains(count) else {
      throw Fault(.badListener, "LISTEN_PID=\(target) and LISTEN_FDS=\(passed) pass no sockets")
    }
    // They were another process's, which has executed the daemon without clearing them.
    return process == pid ? count : 0
  }
}
