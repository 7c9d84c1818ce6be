/// What `isoctl run` was told.
struct RunArguments: Equatable {
  var socket: String?
  var json = false
  var policy: String?
  var file: String?
  var name: String?
  var environment: [String] = []
  var command: [String] = []
  /// Whether the command gets a terminal.
  var terminal = false
  var detachKeys = DetachKeys.standard

  init() {}

  /// Reads plain arguments, the program's name first: whole options before the policy's name or after it, and the
  /// command behind `--`.
  ///
  /// Answers nil for anything else, such as help, an abbreviation or a mistake: the argument parser knows more, and
  /// says it better.
  init?(fast arguments: [String]) {
    guard arguments.count > 2, arguments[1] == "run" else { return nil }
    var rest = arguments.dropFirst(2)
    while let argument = rest.popFirst() {
      switch argument {
      case "--":
        command = Array(rest)
        rest = []
      case "--json" where !json: json = true
      case "-f", "--file":
        guard file == nil, let value = rest.popFirst(), Self.isPlain(value) else { return nil }
        file = value
      case "--name":
        guard name == nil, let value = rest.popFirst(), Self.isPlain(value) else { return nil }
        name = value
      case "--socket":
        guard socket == nil, let value = rest.popFirst(), Self.isPlain(value) else { return nil }
        socket = value
      case "-e", "--env":
        guard let value = rest.popFirst(), Self.isPlain(value), value.contains("=") else { return nil }
        environment.append(value)
      default:
        guard policy == nil, Self.isPlain(argument) else { return nil }
        policy = argument
      }
    }
    guard (policy == nil) != (file == nil) else { return nil }
  }

  private static func isPlain(_ value: String) -> Bool {
    guard let first = value.utf8.first else { return false }
    return first != UInt8(ascii: "-")
  }
}
