import ArgumentParser
import ControlProtocol
import Faults
import Policy

struct StopCommand: IsoctlCommand {
  static let configuration = CommandConfiguration(
    commandName: "stop", abstract: "End a tenant: its stop signal, and after a grace its whole group is killed.",
    discussion: """
      Tenants that come after it, as their policies' "after" says, are ended first, each with its own grace. A tenant \
      that waits to be started again is not started any more.
      """)

  @Option(
    help: ArgumentHelp("How long to wait before the kill, for example 10s or 500ms.", valueName: "time"),
    transform: Self.microseconds)
  var grace: Int?

  @Flag(help: "End this one only: those that come after it run on.")
  var only = false

  @OptionGroup var tenant: TenantArgument
  @OptionGroup var options: GlobalOptions

  func perform() throws(Fault) -> Int32 {
    let request = Stop.Request(name: tenant.name, graceUsec: grace, only: only ? true : nil)
    let reply = try options.connection.call(Stop.self, request).reply
    if options.json {
      try printJSON(reply)
      return ExitStatus.success
    }
    for dependant in reply.dependants ?? [] { try EndReport.print(dependant.name, dependant.exit, json: false) }
    try EndReport.print(tenant.name, reply.exit, json: false)
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
