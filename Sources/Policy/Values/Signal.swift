/// A signal by its number, as x86-64 and arm64 share it (signal(7)).
public struct Signal: Hashable, Sendable, CustomStringConvertible {
  /// The number, 1 to 64.
  public let number: Int32

  /// The signal that asks a process to end.
  public static let terminate = Signal(number: 15)

  private init(number: Int32) { self.number = number }

  /// Takes a name: `SIGTERM`, or `SIGRTMIN+3` for the real-time signals, which glibc counts from 34.
  public init?(name: String) {
    if let index = Self.names.firstIndex(of: name) {
      number = Int32(index) + 1
      return
    }
    guard name.hasPrefix("SIGRTMIN") else { return nil }
    let rest = name.dropFirst("SIGRTMIN".count)
    guard !rest.isEmpty else {
      number = 34
      return
    }
    guard rest.first == "+", let offset = Int32(rest.dropFirst()), (1...30).contains(offset),
      rest.dropFirst().utf8.allSatisfy({ (48...57).contains($0) }), rest.utf8.dropFirst().first != 48
    else { return nil }
    number = 34 + offset
  }

  /// The name, for example `SIGTERM`.
  public var description: String {
    if number <= Self.names.count { return Self.names[Int(number) - 1] }
    return number == 34 ? "SIGRTMIN" : "SIGRTMIN+\(number - 34)"
  }

  /// The names of signals 1 to 31 in their order.
  static let names = [
    "SIGHUP", "SIGINT", "SIGQUIT", "SIGILL", "SIGTRAP", "SIGABRT", "SIGBUS", "SIGFPE", "SIGKILL", "SIGUSR1",
    "SIGSEGV", "SIGUSR2", "SIGPIPE", "SIGALRM", "SIGTERM", "SIGSTKFLT", "SIGCHLD", "SIGCONT", "SIGSTOP",
    "SIGTSTP", "SIGTTIN", "SIGTTOU", "SIGURG", "SIGXCPU", "SIGXFSZ", "SIGVTALRM", "SIGPROF", "SIGWINCH",
    "SIGIO", "SIGPWR", "SIGSYS",
  ]
}
