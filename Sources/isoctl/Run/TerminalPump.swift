import ControlProtocol
import Faults
import Glibc
import Kernel

/// Carries bytes between the user's terminal and a tenant's, until something else has to be done.
///
/// Signals of the keyboard are the tenant's terminal's to make: here they are only bytes. Those that others send to
/// this process come out as events.
struct TerminalPump: ~Copyable {
  /// What ends a ``run()``, which may then be called again.
  enum Event: Equatable {
    /// The session's other end has said something, or is gone.
    case session(TenantSession.Event)
    /// The user has typed the keys to detach.
    case detached
    /// Somebody has sent this process a signal that may be the tenant's.
    case signal(Int32)
    /// This process is to end by a signal, with its terminal as it was: its terminal is gone, which is a SIGHUP, or the
    /// signal is meant for nobody else.
    case interrupted(Int32)
  }

  /// What ends a process unless it minds, is no crash, and isn't passed on. The last ones are the real-time signals, of
  /// which glibc keeps two for itself.
  private static let ending: [Int32] =
    [SIGHUP, SIGALRM, SIGVTALRM, SIGPROF, SIGXCPU, SIGXFSZ, SIGPOLL, SIGPWR, SIGSTKFLT] + [Int32](34...64)

  /// How much may wait for a tenant that doesn't read; the keys to detach are still seen among it.
  private static let mostTyped = 64 << 10

  private let session: TenantSession
  private let master: SharedDescriptor
  private let terminal: RawTerminal
  private let signals: ForwardedSignals
  private var keys: DetachKeys.Search?
  /// What was typed and the tenant hasn't taken yet.
  private var typed: [UInt8] = []
  /// Whether the tenant's side of the terminal is closed.
  private var isOver = false
  private var buffer = [UInt8](repeating: 0, count: 1 << 14)

  /// Takes the user's terminal over.
  ///
  /// - Parameter detachKeys: nil where one can't detach.
  init(
    _ session: TenantSession, master: SharedDescriptor, terminal: RawTerminal, detachKeys: DetachKeys?
  ) throws(Fault) {
    // A reader of the output that is gone must not leave the terminal as it is here: write(2) says so instead.
    _ = Glibc.signal(SIGPIPE, SIG_IGN)
    let number = master.rawValue
    let flags = try systemCall("fcntl") { fcntl(number, F_GETFL) }
    try systemCall("fcntl") { fcntl(number, F_SETFL, flags | O_NONBLOCK) }
    signals = try ForwardedSignals(ForwardedSignals.passedOn + [SIGTSTP, SIGCONT] + Self.ending)
    self.session = session
    self.master = master
    self.terminal = terminal
    keys = detachKeys.map { DetachKeys.Search($0) }
    terminal.copySize(to: number)
    terminal.enter()
  }

  /// Carries bytes until there is something to tell.
  mutating func run() throws(Fault) -> Event {
    while true {
      var watched = [
        pollfd(fd: isOver ? -1 : master.rawValue, events: Int16(POLLIN), revents: 0),
        pollfd(fd: typed.count < Self.mostTyped ? 0 : -1, events: Int16(POLLIN), revents: 0),
        pollfd(fd: signals.descriptor, events: Int16(POLLIN), revents: 0),
        pollfd(fd: session.descriptor, events: Int16(POLLIN), revents: 0),
      ]
      if !typed.isEmpty { watched[0].events |= Int16(POLLOUT) }
      try systemCall("poll") { poll(&watched, 4, -1) }
      if watched[0].revents & ~Int16(POLLOUT) != 0 { showOutput() }
      if !typed.isEmpty { sendInput() }
      if watched[1].revents != 0, let event = readInput() { return event }
      if watched[2].revents != 0, let event = nextSignal() { return event }
      if watched[3].revents != 0 {
        let event = try session.next()
        if event != .taken { showTheRest() }
        return .session(event)
      }
    }
  }

  /// Gives the user's terminal back.
  func leave() { terminal.leave() }

  /// One piece of what the tenant has to say; its terminal answers EIO when nobody has it open any more.
  private mutating func showOutput() {
    let count = read(master.rawValue, &buffer, buffer.count)
    if count > 0 { return write(buffer[..<count], to: 1) }
    if count < 0 && (errno == EAGAIN || errno == EINTR) { return }
    isOver = true
  }

  /// What is still on its way after the end. What the command has left running may go on for ever: it is waited for
  /// only as long as it has something to say at once.
  private mutating func showTheRest() {
    var left = 1 << 20
    while !isOver, left > 0 {
      var watched = pollfd(fd: master.rawValue, events: Int16(POLLIN), revents: 0)
      guard poll(&watched, 1, 50) > 0 else { return }
      showOutput()
      left -= buffer.count
    }
  }

  private mutating func readInput() -> Event? {
    let count = read(0, &buffer, buffer.count)
    if count < 0 && (errno == EAGAIN || errno == EINTR) { return nil }
    // EIO, or the end: the user's terminal has hung up.
    guard count > 0 else { return .interrupted(SIGHUP) }
    guard var search = keys else {
      typed += buffer[..<count]
      sendInput()
      return nil
    }
    let (passed, isComplete) = search.take(buffer[..<count])
    keys = search
    typed += passed
    sendInput()
    return isComplete ? .detached : nil
  }

  /// As much as the tenant's terminal takes; the rest waits.
  private mutating func sendInput() {
    while !typed.isEmpty {
      let count = typed.withUnsafeBytes { Glibc.write(master.rawValue, $0.baseAddress, $0.count) }
      if count < 0 {
        if errno == EINTR { continue }
        // EIO: nobody is there to read it.
        if errno != EAGAIN { typed = [] }
        return
      }
      typed.removeFirst(count)
    }
  }

  private func nextSignal() -> Event? {
    guard let signal = signals.next() else { return nil }
    switch signal {
    case SIGWINCH: terminal.copySize(to: master.rawValue)
    case SIGTSTP:
      terminal.leave()
      kill(getpid(), SIGSTOP)
    case SIGCONT:
      terminal.enter()
      terminal.copySize(to: master.rawValue)
    default: return Self.ending.contains(signal) ? .interrupted(signal) : .signal(signal)
    }
    return nil
  }
}
