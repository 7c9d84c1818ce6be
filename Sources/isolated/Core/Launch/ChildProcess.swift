import CLinux
import Faults
import Glibc
import Kernel

extension Fault.Code {
  /// A program of the host that the daemon has called failed.
  public static let programFailed: Self = "program.failed"
}

/// Runs a program of the host to its end. Blocks: for threads that may.
enum ChildProcess {
  /// How long the program may take, in seconds.
  private static let patience = 30

  /// Runs the program with nothing but a search path in its environment.
  ///
  /// - Throws: `program.failed` with what it said on standard error, unless it ends with status 0.
  static func run(_ path: String, _ arguments: [String]) throws(Fault) {
    var ends: [Int32] = [-1, -1]
    try systemCall("pipe2") { clinux_pipe(&ends) }
    let said = OwnedDescriptor(owning: ends[0])
    let pid = try spawn(path, arguments, standardError: OwnedDescriptor(owning: ends[1]))
    let process = OwnedDescriptor(owning: try systemCall("pidfd_open", path: path) { clinux_pidfd_open(pid, 0) })
    let (text, isLate) = try hear(said.rawValue, until: MonotonicClock.nanoseconds() + Int64(patience) * 1_000_000_000)
    if isLate { try systemCall("pidfd_send_signal") { clinux_pidfd_send_signal(process.rawValue, SIGKILL) } }
    var status: Int32 = 0
    try systemCall("waitpid", path: path) { waitpid(pid, &status, 0) }
    guard status == 0 else {
      let words = ([path] + arguments).joined(separator: " ")
      let reason = isLate ? "it took more than \(patience) s" : text.split(separator: "\n").joined(separator: "; ")
      throw Fault(.programFailed, "\(words) has failed: \(reason)")
    }
  }

  private static func spawn(
    _ path: String, _ arguments: [String], standardError: consuming OwnedDescriptor
  ) throws(Fault) -> pid_t {
    var actions = posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    for stream in [STDIN_FILENO, STDOUT_FILENO] {
      posix_spawn_file_actions_addopen(&actions, stream, "/dev/null", O_RDWR, 0)
    }
    posix_spawn_file_actions_adddup2(&actions, standardError.rawValue, STDERR_FILENO)
    // What the daemon's threads block and ignore is no business of the program's.
    var (none, all) = (sigset_t(), sigset_t())
    sigemptyset(&none)
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

    let words = ([path] + arguments).map { strdup($0) } + [nil]
    let environment = [strdup("PATH=/usr/sbin:/usr/bin:/sbin:/bin"), strdup("LC_ALL=C"), nil]
    defer { for word in words + environment { free(word) } }
    var pid: pid_t = 0
    let number = posix_spawn(&pid, path, &actions, &attributes, words, environment)
    guard number == 0 else {
      throw Fault(
        .systemCallFailed, "cannot start a program of the host", systemCall: "posix_spawn", path: path,
        errno: ErrorNumber(number))
    }
    return pid
  }

  /// What comes out of the pipe until its end, at most 4 KiB of it.
  private static func hear(_ pipe: Int32, until deadline: Int64) throws(Fault) -> (text: String, isLate: Bool) {
    var text: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let left = max(0, deadline - MonotonicClock.nanoseconds()) / 1_000_000
      var watched = pollfd(fd: pipe, events: Int16(POLLIN), revents: 0)
      guard try systemCall("poll", { poll(&watched, 1, Int32(clamping: left)) }) > 0 else {
        return (String(decoding: text, as: UTF8.self), true)
      }
      let got = try systemCall("read") { read(pipe, &buffer, buffer.count) }
      if got == 0 { return (String(decoding: text, as: UTF8.self), false) }
      if text.count < 4096 { text += buffer[..<got] }
    }
  }
}
