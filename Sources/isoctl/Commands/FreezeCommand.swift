import ArgumentParser
import ControlProtocol
import Faults

struct FreezeCommand: IsoctlCommand {
  static let configuration = CommandConfiguration(
    commandName: "freeze", abstract: "Have all processes of tenants stand still, until they are thawed.",
    discussion: """
      Returns once they stand. They keep their memory, files and connections; other programs may lose patience with \
      them. Signals wait until the tenant is thawed, but stop, and kill with SIGKILL, end a frozen tenant too. Where a \
      process can't be stopped within 10 s, since it waits for a disk for instance, none is.
      """)

  @OptionGroup var tenants: TenantArguments
  @OptionGroup var options: GlobalOptions

  func perform() throws(Fault) -> Int32 { tenants.callEach(Freeze.self, options) }
}

struct ThawCommand: IsoctlCommand {
  static let configuration = CommandConfiguration(
    commandName: "thaw", abstract: "Let the processes of frozen tenants run again.")

  @OptionGroup var tenants: TenantArguments
  @OptionGroup var options: GlobalOptions

  func perform() throws(Fault) -> Int32 { tenants.callEach(Thaw.self, options) }
}

/// The names of one tenant or more, completed from those that there are.
struct TenantArguments: ParsableArguments {
  @Argument(
    help: ArgumentHelp("The tenants' names.", valueName: "tenant"), completion: .custom(TenantArgument.complete))
  var names: [String]

  /// Does something to each of them; one that fails keeps no other from it.
  ///
  /// - Returns: the exit status.
  func callEach<Method: ControlMethod>(_ method: Method.Type, _ options: GlobalOptions) -> Int32
  where Method.Request == ControlProtocol.TenantName, Method.Reply == NoParameters {
    var status = ExitStatus.success
    for name in names {
      do throws(Fault) {
        let reply = try options.connection.call(method, TenantName(name: name)).reply
        if options.json { try printJSON(reply) }
      } catch {
        printFault(error, json: options.json)
        status = ExitStatus.failure
      }
    }
    return status
  }
}
