import ArgumentParser
import ControlProtocol
import Faults

struct WaitCommand: IsoctlCommand {
  static let configuration = CommandConfiguration(
    commandName: "wait", abstract: "Wait for a tenant's end, and return its command's status.")

  @OptionGroup var tenant: TenantArgument
  @OptionGroup var options: GlobalOptions

  func perform() throws(Fault) -> Int32 {
    let reply = try options.connection.call(Wait.self, TenantName(name: tenant.name)).reply
    try EndReport.print(tenant.name, reply.exit, json: options.json)
    return reply.exit.shellStatus
  }
}
