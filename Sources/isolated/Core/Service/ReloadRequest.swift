import CLinux
import Faults
import Glibc
import Kernel

extension Fault.Code {
  /// The daemon has kept its old configuration.
  public static let reloadRefused: Self = "configuration.reload-refused"
}

/// Asks a running daemon to read its configuration anew, and hears what came of it: `ExecReload=`, where a plain
/// `kill -HUP` would call every reload a success.
///
/// The request is a SIGHUP by sigqueue(3), whose value is the number of a pipe's writing end; the daemon opens that by
/// /proc and writes one text, empty when it has taken the configuration over, ended by NUL. So the kernel says who asks
/// whom, and no file is needed.
public enum ReloadRequest {
  /// How long the daemon may take, in seconds.
  private static let patience = 60

  /// Asks the daemon `pid`, and waits.
  ///
  /// - Throws: `configuration.reload-refused` with the daemon's reasons; the system call's fault.
  public static func send(to pid: Int32) throws(Fault) {
    let process = OwnedDescriptor(
      owning: try systemCall("pidfd_open", path: "\(pid)", message: "there is no such daemon") {
        clinux_pidfd_open(pid, 0)
      })
    var ends: [Int32] = [-1, -1]
    try systemCall("pipe2") { clinux_pipe(&ends) }
    let answers = OwnedDescriptor(owning: ends[0])
    let answering = OwnedDescriptor(owning: ends[1])
    try systemCall("sigqueue", path: "\(pid)", message: "cannot signal the daemon") {
      clinux_queue_signal(pid, SIGHUP, answering.rawValue)
    }
    let answer = try hear(answers.rawValue, from: process.rawValue)
    guard answer.isEmpty else { throw Fault(.reloadRefused, answer) }
  }

  private static func hear(_ pipe: Int32, from process: Int32) throws(Fault) -> String {
    let deadline = MonotonicClock.nanoseconds() + Int64(patience) * 1_000_000_000
    var text: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let left = max(0, deadline - MonotonicClock.nanoseconds()) / 1_000_000
      var watched = [
        pollfd(fd: pipe, events: Int16(POLLIN), revents: 0), pollfd(fd: process, events: Int16(POLLIN), revents: 0),
      ]
      let ready = try systemCall("poll") { poll(&watched, 2, Int32(clamping: left)) }
      guard ready > 0 else {
        throw Fault(
          .reloadRefused, "the daemon has not answered for \(patience) s", mend: "see journalctl -u isolated")
      }
      guard watched[0].revents != 0 else {
        throw Fault(.reloadRefused, "the daemon has ended", mend: "see journalctl -u isolated")
      }
      let got = try systemCall("read") { read(pipe, &buffer, buffer.count) }
      text += buffer[..<got]
      if let end = text.firstIndex(of: 0) { return String(decoding: text[..<end], as: UTF8.self) }
    }
  }

  /// Tells the one who asked. A plain SIGHUP, or one from others than root, gets no answer.
  ///
  /// - Parameter refusal: why the old configuration stays; nil if it doesn't.
  static func answer(_ request: clinux_signal, refusal: Fault?) throws(Fault) {
    guard request.queued != 0, request.user == 0, request.value >= 0 else { return }
    let path = "/proc/\(request.sender)/fd/\(request.value)"
    let pipe = OwnedDescriptor(
      owning: try systemCall("open", path: path, message: "cannot answer a request to reload") {
        open(path, O_WRONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
      })
    var status = stat()
    try systemCall("fstat", path: path) { fstat(pipe.rawValue, &status) }
    guard status.st_mode & S_IFMT == S_IFIFO else { return }
    let faults = refusal.map { [$0] + $0.others } ?? []
    // Below PIPE_BUF: one write, whole or not at all.
    let text = faults.map(\.description).joined(separator: "\n").utf8.filter { $0 != 0 }.prefix(4000)
    let bytes = Array(text) + [0]
    try systemCall("write", path: path, message: "cannot answer a request to reload") {
      write(pipe.rawValue, bytes, bytes.count)
    }
  }
}
