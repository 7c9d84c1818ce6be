import CLinux
import Faults
import Glibc
import Kernel

/// The terminal of a program that shows the same page anew: its other screen, without a cursor, and keys as they come.
///
/// It is put back by ``leave()``, which every way out must take; the signals that would end or stop the process are
/// taken as events for that.
struct LiveScreen: ~Copyable {
  /// What ends a wait.
  enum Event: Equatable {
    /// The time is over.
    case timeout
    /// The descriptor that was given can be read.
    case readable
    /// The page must be drawn anew: the terminal has another size, or the process goes on after a stop.
    case redraw
    /// The user wants to leave.
    case quit
    /// Another key.
    case key(UInt8)
    /// A signal that ends the process.
    case signal(Int32)
  }

  private static let enterText = "\u{1b}[?1049h\u{1b}[?25l"
  private static let leaveText = "\u{1b}[?25h\u{1b}[?1049l"

  private let signals: OwnedDescriptor
  /// How standard input was; nil where it is no terminal, and then no key is read.
  private let settings: termios?

  /// Takes the terminal.
  init() throws(Fault) {
    var set = sigset_t()
    sigemptyset(&set)
    for signal in [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGWINCH] { sigaddset(&set, signal) }
    sigprocmask(SIG_BLOCK, &set, nil)
    signals = OwnedDescriptor(
      owning: try systemCall("signalfd") { signalfd(-1, &set, Int32(SFD_CLOEXEC) | Int32(SFD_NONBLOCK)) })
    var settings = termios()
    self.settings = tcgetattr(0, &settings) == 0 ? settings : nil
    enter()
  }

  /// Shows a page, cut to the terminal's height.
  func show(_ lines: [String]) {
    var size = winsize()
    let known = ioctl(1, UInt(TIOCGWINSZ), &size) == 0 && size.ws_row > 1
    let rows = known ? Int(size.ws_row) : 24
    var shown = lines
    if lines.count > rows {
      shown = lines.prefix(rows - 1) + ["… \(lines.count - rows + 1) more lines; a higher terminal shows them"]
    }
    // Each line clears what the last page had to the right of it, the last one all that is below: nothing flickers.
    write("\u{1b}[H" + shown.map { $0 + "\u{1b}[K" }.joined(separator: "\r\n") + "\u{1b}[J", to: 1)
  }

  /// Waits for a signal, something to read from `descriptor`, a key that ends the program, or until `milliseconds` have
  /// passed; with `keys` for any key.
  func wait(milliseconds: Int32, for descriptor: Int32 = -1, keys: Bool = false) -> Event {
    let end = Self.now + Int(milliseconds)
    var watchesKeys = settings != nil
    while true {
      let left = end - Self.now
      guard left > 0 else { return .timeout }
      var watched = [
        pollfd(fd: signals.rawValue, events: Int16(POLLIN), revents: 0),
        pollfd(fd: watchesKeys ? 0 : -1, events: Int16(POLLIN), revents: 0),
        pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
      ]
      guard poll(&watched, 3, Int32(clamping: left)) > 0 else { continue }
      if watched[0].revents != 0, let event = nextSignal() { return event }
      if watched[1].revents != 0 {
        guard let key = nextKey() else {
          watchesKeys = false
          continue
        }
        // q, Q, and the Escape of those who are used to it.
        if "qQ\u{1b}".utf8.contains(key) { return .quit }
        if keys { return .key(key) }
      }
      if watched[2].revents != 0 { return .readable }
    }
  }

  /// Gives the terminal back as it was.
  func leave() {
    write(Self.leaveText, to: 1)
    if var settings { tcsetattr(0, TCSANOW, &settings) }
  }

  private func enter() {
    if var quiet = settings {
      quiet.c_lflag &= ~tcflag_t(ICANON | ECHO)
      tcsetattr(0, TCSANOW, &quiet)
    }
    write(Self.enterText, to: 1)
  }

  private func nextSignal() -> Event? {
    var information = signalfd_siginfo()
    let size = MemoryLayout<signalfd_siginfo>.size
    guard read(signals.rawValue, &information, size) == size else { return nil }
    switch Int32(information.ssi_signo) {
    case SIGWINCH: return .redraw
    case SIGINT: return .quit
    case SIGTSTP:
      leave()
      kill(getpid(), SIGSTOP)
      enter()
      return .redraw
    case let number: return .signal(number)
    }
  }

  private func nextKey() -> UInt8? {
    var key: UInt8 = 0
    return read(0, &key, 1) == 1 ? key : nil
  }

  private static var now: Int { Int(MonotonicClock.nanoseconds() / 1_000_000) }
}
