import Faults
import Glibc
import Kernel

/// The real isoctl, run as a child.
final class IsoctlProcess: Sendable {
  struct Outcome: Sendable {
    /// The status that it returned, or 128 and the signal that ended it.
    var status: Int32
    var output: String
    var errors: String
  }

  let pid: pid_t
  private let output: SharedDescriptor
  private let errors: SharedDescriptor
  /// The master side of the terminal that is its standard input; nil where that is a pipe.
  private let keyboard: SharedDescriptor?

  /// Where the build put it: beside this test.
  static let path: String = {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = buffer.withUnsafeMutableBytes { bytes in
      bytes.bindMemory(to: CChar.self).baseAddress.map { readlink("/proc/self/exe", $0, bytes.count) } ?? -1
    }
    let own = String(decoding: buffer.prefix(max(count, 0)), as: UTF8.self)
    return own.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
      + "/isoctl"
  }()

  /// Starts it.
  ///
  /// - Parameters:
  ///   - arguments: without the program's name.
  ///   - socket: what ISOLATED_SOCKET says.
  ///   - environment: more variables.
  ///   - input: what standard input brings.
  ///   - onTerminal: whether standard input is a terminal: see ``press(_:)``.
  ///   - columns: the width of a terminal for standard output; a pipe if nil.
  ///   - closing: standard streams that are closed in the child.
  ///   - executable: another program that takes these arguments.
  init(
    _ arguments: [String], socket: String = "/nonexistent", environment: [String: String] = [:],
    input: String = "", onTerminal: Bool = false, columns: Int? = nil, closing: [Int32] = [],
    executable: String = path
  ) throws {
    let inputPipe = try onTerminal ? Self.terminalForInput() : Self.pipe()
    let outputPipe = try columns.map { try terminalEnds(columns: $0) } ?? Self.pipe()
    let errorPipe = try Self.pipe()
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (target, source) in [inputPipe.0, outputPipe.1, errorPipe.1].enumerated() {
      posix_spawn_file_actions_adddup2(&actions, source.rawValue, Int32(target))
    }
    for stream in closing { posix_spawn_file_actions_addclose(&actions, stream) }
    let variables = [
      "ISOLATED_SOCKET": socket, "PATH": "/usr/bin:/bin", "TERM": "xterm", "SWIFT_BACKTRACE": "enable=no",
    ].merging(environment) { $1 }
    var words: [UnsafeMutablePointer<CChar>?] = ([executable] + arguments).map { strdup($0) } + [nil]
    var settings: [UnsafeMutablePointer<CChar>?] = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for word in words + settings { free(word) } }
    var child: pid_t = 0
    let number = posix_spawn(&child, executable, &actions, nil, &words, &settings)
    guard number == 0 else {
      throw Fault("test.setup", "cannot start isoctl", path: executable, errno: ErrorNumber(number))
    }
    pid = child
    output = outputPipe.0
    errors = errorPipe.0
    keyboard = onTerminal ? inputPipe.1 : nil
    let text = Array(input.utf8)
    // Small enough for the pipe, so that nothing here blocks.
    _ = text.withUnsafeBytes { write(inputPipe.1.rawValue, $0.baseAddress, $0.count) }
  }

  /// Runs it to its end.
  static func run(
    _ arguments: [String], socket: String = "/nonexistent", environment: [String: String] = [:],
    input: String = "", onTerminal: Bool = false, columns: Int? = nil, closing: [Int32] = [],
    executable: String = path
  ) async throws -> Outcome {
    try await IsoctlProcess(
      arguments, socket: socket, environment: environment, input: input, onTerminal: onTerminal, columns: columns,
      closing: closing, executable: executable
    ).outcome()
  }

  /// Waits for its end.
  func outcome() async throws -> Outcome {
    async let errorText = DetachedThread.result { [errors] in Self.readAll(errors) }
    async let outputText = DetachedThread.result { [output] in Self.readAll(output) }
    let texts = try await (outputText, errorText)
    let status = try await DetachedThread.result { [pid] in
      var status: Int32 = 0
      while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
      return status
    }
    let signal = status & 0x7f
    return Outcome(
      status: signal == 0 ? (status >> 8) & 0xff : 128 + signal, output: texts.0, errors: texts.1)
  }

  func send(_ signal: Int32) { _ = kill(pid, signal) }

  /// Presses keys on the terminal that is its standard input.
  func press(_ keys: [UInt8]) {
    guard let keyboard else { return }
    _ = keys.withUnsafeBytes { write(keyboard.rawValue, $0.baseAddress, $0.count) }
  }

  /// Whether it has taken over the terminal that is its standard input, and not put it back.
  var hasTakenItsTerminal: Bool {
    var settings = termios()
    guard let keyboard, tcgetattr(keyboard.rawValue, &settings) == 0 else { return false }
    return settings.c_lflag & tcflag_t(ICANON) == 0
  }

  private static func readAll(_ descriptor: SharedDescriptor) -> String {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 14)
    while true {
      let count = buffer.withUnsafeMutableBytes { read(descriptor.rawValue, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      // A terminal whose last user has gone answers EIO.
      if count <= 0 { return String(decoding: bytes, as: UTF8.self) }
      bytes += buffer.prefix(count)
    }
  }

  /// The end to read from, and the master side.
  private static func terminalForInput() throws -> (SharedDescriptor, SharedDescriptor) {
    let (master, slave) = try terminalEnds(columns: 80)
    return (slave, master)
  }

  private static func pipe() throws -> (SharedDescriptor, SharedDescriptor) {
    var ends: [Int32] = [-1, -1]
    try systemCall("pipe") { Glibc.pipe(&ends) }
    for end in ends { try systemCall("fcntl") { fcntl(end, F_SETFD, FD_CLOEXEC) } }
    return (SharedDescriptor(owning: ends[0]), SharedDescriptor(owning: ends[1]))
  }
}

/// Opens a terminal of the given width: the master side, and the other.
func terminalEnds(columns: Int) throws -> (SharedDescriptor, SharedDescriptor) {
  // ioctl_tty(2): the numbers are macros that Swift doesn't import.
  let setLock: UInt = 0x4004_5431
  let openPeer: UInt = 0x5441
  let master = SharedDescriptor(
    owning: try systemCall("open", path: "/dev/ptmx") { open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC) })
  var locked: Int32 = 0
  try systemCall("ioctl", path: "TIOCSPTLCK") { ioctl(master.rawValue, setLock, &locked) }
  let slave = SharedDescriptor(
    owning: try systemCall("ioctl", path: "TIOCGPTPEER") {
      ioctl(master.rawValue, openPeer, O_RDWR | O_NOCTTY | O_CLOEXEC)
    })
  var size = winsize(ws_row: 24, ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
  try systemCall("ioctl") { ioctl(slave.rawValue, UInt(TIOCSWINSZ), &size) }
  return (master, slave)
}
