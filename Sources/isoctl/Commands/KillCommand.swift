import ArgumentParser
import ControlProtocol
import Faults

struct KillCommand: IsoctlCommand {
  static let configuration = CommandConfiguration(
    commandName: "kill", abstract: "Send a signal to a tenant's command.")

  @Option(
    name: .shortAndLong, help: "The signal, by name or number.",
    completion: .list(SignalArgument.commonNames))
  var signal = SignalArgument(number: 15)

  @OptionGroup var tenant: TenantArgument
  @OptionGroup var options: GlobalOptions

  func perform() throws(Fault) -> Int32 {
    let reply = try options.connection.call(Kill.self, .init(name: tenant.name, signal: signal.number)).reply
    if options.json { try printJSON(reply) }
    return ExitStatus.success
  }
}
