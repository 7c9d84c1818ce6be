import Glibc
import Kernel

/// What a program prints.
enum CommandOutput {
  private static let limit = 1 << 20
  private static let patience: Int32 = 5000

  /// The standard output of a program that is looked up in PATH; nil where it can't be run, fails, or takes longer than
  /// 5 s. Its standard input and error are /dev/null.
  static func of(_ arguments: [String]) -> String? {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return nil }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    let output = OwnedDescriptor(owning: ends[0])
    let child = spawn(arguments, output: OwnedDescriptor(owning: ends[1]))
    guard let child else { return nil }
    let (bytes, inTime) = read(output.rawValue)
    if !inTime { kill(child, SIGKILL) }
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0, errno == EINTR {}
    return inTime && status == 0 ? String(decoding: bytes, as: UTF8.self) : nil
  }

  /// Starts it; `output` is closed here, so that its end is seen.
  private static func spawn(_ arguments: [String], output: consuming OwnedDescriptor) -> pid_t? {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output.rawValue, 1)
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    var pointers: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
    defer { for pointer in pointers { free(pointer) } }
    var child: pid_t = 0
    guard let program = arguments.first, posix_spawnp(&child, program, &actions, nil, &pointers, environ) == 0 else {
      return nil
    }
    return child
  }

  private static func read(_ descriptor: Int32) -> (bytes: [UInt8], inTime: Bool) {
    let end = MonotonicClock.nanoseconds() / 1_000_000 + Int64(patience)
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16 << 10)
    while true {
      let now = MonotonicClock.nanoseconds() / 1_000_000
      guard now < end, bytes.count < limit else { return (bytes, false) }
      var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      let ready = poll(&watched, 1, Int32(clamping: end - now))
      if ready <= 0 { continue }
      let count = Glibc.read(descriptor, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return (bytes, true) }
      bytes.append(contentsOf: chunk[..<count])
    }
  }
}
