import Glibc

/// What standard output is.
struct Terminal {
  /// How many columns there are; nil where output isn't a terminal, and so may be as wide as it likes.
  let width: Int?
  /// Whether colours are welcome: https://no-color.org.
  let hasColour: Bool

  /// Looks at standard output.
  static var current: Terminal {
    guard isatty(1) == 1 else { return Terminal(width: nil, hasColour: false) }
    var size = winsize()
    let known = ioctl(1, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
    let colour = environmentVariable("NO_COLOR") == nil && environmentVariable("TERM") != "dumb"
    return Terminal(width: known ? Int(size.ws_col) : 80, hasColour: colour)
  }
}
