import ArgumentParser
import ControlProtocol
import Faults
import Glibc

struct LogsCommand: IsoctlCommand {
  static let configuration = CommandConfiguration(
    commandName: "logs", abstract: "Show what a tenant has written to its output.")

  @Flag(name: .shortAndLong, help: "Go on showing what is written, until the tenant ends.")
  var follow = false

  @Option(name: [.customShort("n"), .long], help: "Show no more than the last lines.")
  var lines: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Show what is newer, for example -1h or 10:30; journal only.", valueName: "time"))
  var since: String?

  @OptionGroup var tenant: TenantArgument
  @OptionGroup var options: GlobalOptions

  func validate() throws {
    if let lines, lines < 0 { throw ValidationError("The number of lines can't be negative.") }
  }

  func perform() throws(Fault) -> Int32 {
    let answer = try options.connection.call(Logs.self, TenantName(name: tenant.name))
    switch answer.reply.source {
    case .journal: try showJournal(answer.reply)
    case .file: try showFile(answer)
    case .stdio:
      throw Fault(
        .noLog, "the output of \(tenant.name) went to whoever ran it",
        mend: "start it with isoctl spawn to have it logged")
    default:
      throw Fault(
        .noLog,
        "the output of \(tenant.name) goes to \(answer.reply.source.rawValue), which isoctl doesn't know",
        mend: "use an isoctl of the daemon's release")
    }
    return ExitStatus.success
  }

  /// Becomes journalctl(1).
  private func showJournal(_ logs: Logs.Reply) throws(Fault) {
    var arguments = ["journalctl", "--quiet", "--identifier=\(logs.identifier)"]
    if follow { arguments.append("--follow") }
    if let lines { arguments.append("--lines=\(lines)") } else if follow { arguments.append("--lines=10") }
    if let since { arguments.append("--since=\(since)") }
    arguments.append(options.json ? "--output=json" : "--output=short-iso")
    if !options.json { arguments.append("--no-hostname") }
    if let user = logs.user { arguments.append("_UID=\(user)") }

    var pointers: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
    execvp("journalctl", &pointers)
    throw Fault(
      .noLog, "cannot run journalctl, which shows the journal", systemCall: "execve", path: "journalctl",
      errno: ErrorNumber(errno), mend: "install systemd's journalctl, or set PATH")
  }

  private func showFile(_ answer: ControlClient.Answer<Logs.Reply>) throws(Fault) {
    guard since == nil else {
      throw Fault(.noLog, "a log file has no times, so --since can't be had", mend: "use -n instead")
    }
    guard let index = answer.reply.file, answer.descriptors.indices.contains(index) else {
      throw Fault(.malformedMessage, "the daemon names a log file but didn't send it")
    }
    var log = LogFile(answer.descriptors[index], json: options.json)
    if let lines { try log.skip(toLast: lines) } else if follow { try log.skip(toLast: 10) }
    try log.copyToEnd()
    if follow {
      try LogFollower(tenant: tenant.name, connection: options.connection, json: options.json).follow(&log)
    }
    log.finish()
  }
}

extension Fault.Code {
  /// There is no log that could be shown.
  static let noLog: Self = "isoctl.no-log"
}
