import Glibc
import Logging

/// Log lines for journald: a syslog priority in angle brackets, the message, then `key=value` (sd-daemon(3)).
struct DaemonLog: LogHandler {
  var logLevel: Logger.Level = .info
  var metadata: Logger.Metadata = [:]

  init(label: String) {}

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    var line = "<\(Self.priority(event.level))>\(event.message)"
    for (key, value) in metadata.merging(event.metadata ?? [:], uniquingKeysWith: { $1 }).sorted(by: { $0.key < $1.key }
    ) {
      line += " \(key)=\(Self.quoted("\(value)"))"
    }
    line += "\n"
    // One write for each line, so that lines of several threads never mix.
    _ = line.withCString { write(STDERR_FILENO, $0, strlen($0)) }
  }

  private static func priority(_ level: Logger.Level) -> Int {
    switch level {
    case .trace, .debug: 7
    case .info: 6
    case .notice: 5
    case .warning: 4
    case .error: 3
    case .critical: 2
    }
  }

  /// A value that could break the line or be taken for two is quoted.
  private static func quoted(_ text: String) -> String {
    text.contains { $0 == " " || $0 == "\"" || $0.isNewline } ? text.debugDescription : text
  }
}
