import ControlProtocol
import Faults
import Glibc
import Kernel

extension Fault.Code {
  /// A terminal was asked for where there is none.
  static let noTerminal: Self = "isoctl.no-terminal"
}

/// The user's terminal, standard input, while another terminal's bytes pass through it: every key goes on as it is.
///
/// It is put back however the process ends, but by a crash or SIGKILL: by ``leave()``, and by exit(3) where nobody came
/// to that.
struct RawTerminal {
  /// How it was; nil while nothing has to be put back.
  private static let before: Guarded<termios?> = Guarded(nil)
  private let usual: termios

  /// Looks at standard input.
  ///
  /// - Throws: `isoctl.no-terminal`.
  init() throws(Fault) {
    var settings = termios()
    guard tcgetattr(0, &settings) == 0 else {
      throw Fault(
        .noTerminal, "standard input is no terminal, and -t asks for one", mend: "leave out -t, or give it a terminal")
    }
    usual = settings
  }

  /// How large it is, and what it is called, for the terminal that the tenant gets.
  var description: TerminalRequest {
    let size = Self.size
    let term = environmentVariable("TERM")
    return TerminalRequest(
      rows: Int(size?.ws_row ?? 24), columns: Int(size?.ws_col ?? 80),
      term: term.flatMap { TerminalRequest.isPlain($0) ? $0 : nil })
  }

  /// Lets every key through, unseen.
  func enter() {
    Self.before.withLock { before in
      if before == nil { atexit { RawTerminal.putBack() } }
      before = usual
    }
    var raw = usual
    cfmakeraw(&raw)
    tcsetattr(0, TCSADRAIN, &raw)
  }

  /// Puts it back.
  func leave() { Self.putBack() }

  /// Gives the other terminal this one's size.
  func copySize(to terminal: Int32) {
    guard var size = Self.size else { return }
    _ = ioctl(terminal, UInt(TIOCSWINSZ), &size)
  }

  private static var size: winsize? {
    var size = winsize()
    return ioctl(0, UInt(TIOCGWINSZ), &size) == 0 && size.ws_row > 0 && size.ws_col > 0 ? size : nil
  }

  private static func putBack() {
    let settings = before.withLock { before in
      defer { before = nil }
      return before
    }
    if var settings { tcsetattr(0, TCSADRAIN, &settings) }
  }
}
