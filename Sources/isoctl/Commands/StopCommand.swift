import ArgumentParser
import ControlProtocol
import Faults
import Policy

struct StopCommand: IsoctlCommand {
  static let configuration = CommandConfiguration(
    commandName: "stop", abstract: "End a tenant: its stop signal, and after a grace its whole group is killed.")

  @Option(
    help: ArgumentHelp("How long to wait before the kill, for example 10s or 500ms.", valueName: "time"),
    transform: Self.microseconds)
  var grace: Int?

  @OptionGroup var tenant: TenantArgument
  @OptionGroup var options: GlobalOptions

  func perform() throws(Fault) -> Int32 {
    let reply = try options.connection.call(Stop.self, .init(name: tenant.name, graceUsec: grace)).reply
    try EndReport.print(tenant.name, reply.exit, json: options.json)
    return ExitStatus.success
  }

  @Sendable private static func microseconds(_ text: String) throws -> Int {
    do {
      return Int(clamping: try TimeSpan(parsing: text).microseconds)
    } catch {
      throw ValidationError("\(error.message)\(error.mend.map { "; \($0)" } ?? "")")
    }
  }
}

/// How `wait` and `stop` say that a tenant has ended.
enum EndReport {
  static func print(_ name: String, _ exit: Exit, json: Bool) throws(Fault) {
    if json { return try printJSON(Wait.Reply(exit: exit)) }
    let time = Figures.duration(microseconds: exit.durationUsec)
    printToStandardOutput(printable("\(name) \(Figures.exit(exit)) after \(time)"))
  }
}
