import CLinux
import Faults
import Glibc
import Kernel

/// Signals to this process as a descriptor that poll(2) can wait for: signalfd(2).
struct ForwardedSignals: ~Copyable {
  /// Those that `isoctl run` and `isoctl exec` pass on to the tenant.
  static let passedOn = [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH]

  private let signals: OwnedDescriptor

  var descriptor: Int32 { signals.rawValue }

  /// Stops the signals from having their usual effect on this process. Those that are ignored, as nohup(1) leaves
  /// SIGHUP, stay so.
  init(_ candidates: [Int32] = passedOn) throws(Fault) {
    var set = sigset_t()
    sigemptyset(&set)
    for signal in candidates where !Self.isIgnored(signal) { sigaddset(&set, signal) }
    sigprocmask(SIG_BLOCK, &set, nil)
    signals = OwnedDescriptor(
      owning: try systemCall("signalfd") { signalfd(-1, &set, Int32(SFD_CLOEXEC) | Int32(SFD_NONBLOCK)) })
  }

  /// Takes the next signal that has come; nil if none has.
  func next() -> Int32? {
    var information = signalfd_siginfo()
    let size = MemoryLayout<signalfd_siginfo>.size
    return read(descriptor, &information, size) == size ? Int32(information.ssi_signo) : nil
  }

  private static func isIgnored(_ signal: Int32) -> Bool {
    var action = sigaction()
    sigaction(signal, nil, &action)
    // SIG_IGN is the pointer 1, which Swift doesn't import.
    return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1
  }
}
