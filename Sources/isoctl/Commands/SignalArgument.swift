import ArgumentParser
import Policy

/// A signal as kill(1) takes it: `TERM`, `SIGTERM`, `15`.
struct SignalArgument: ExpressibleByArgument {
  let number: Int

  init(number: Int) { self.number = number }

  init?(argument: String) {
    if let number = Int(argument) {
      guard (1...64).contains(number) else { return nil }
      self.number = number
      return
    }
    let name = argument.uppercased()
    guard let signal = Signal(name: name.hasPrefix("SIG") ? name : "SIG\(name)") else { return nil }
    number = Int(signal.number)
  }

  var defaultValueDescription: String { Self.name(of: number) }

  /// What the shell offers.
  static let commonNames: [String] = (1...31).map { String(name(of: $0).dropFirst(3)) }

  /// The name of a signal, or its number where it has none.
  static func name(of number: Int) -> String { names[number] ?? "\(number)" }

  private static let names: [Int: String] = {
    let names = [
      "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE",
      "ALRM",
      "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM",
      "PROF",
      "WINCH", "IO", "PWR", "SYS",
    ]
    return Dictionary(uniqueKeysWithValues: names.enumerated().map { ($0.offset + 1, "SIG\($0.element)") })
  }()
}
