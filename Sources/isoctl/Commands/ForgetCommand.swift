import ArgumentParser
import ControlProtocol
import Faults

struct ForgetCommand: IsoctlCommand {
  static let configuration = CommandConfiguration(
    commandName: "forget", abstract: "Drop the record of a tenant that has ended.")

  @OptionGroup var tenant: TenantArgument
  @OptionGroup var options: GlobalOptions

  func perform() throws(Fault) -> Int32 {
    let reply = try options.connection.call(Forget.self, TenantName(name: tenant.name)).reply
    if options.json { try printJSON(reply) }
    return ExitStatus.success
  }
}
