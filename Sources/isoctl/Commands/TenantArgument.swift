import ArgumentParser
import ControlProtocol
import Faults

/// A tenant's name, completed from those that there are.
struct TenantArgument: ParsableArguments {
  @Argument(help: ArgumentHelp("The tenant's name.", valueName: "tenant"), completion: .custom(Self.complete))
  var name: String

  /// The names that the daemon knows; none while it doesn't answer.
  @Sendable static func complete(_ words: [String], _ index: Int, _ prefix: String) -> [String] {
    do throws(Fault) {
      let tenants = try Connection(socket: nil).call(List.self, NoParameters()).reply.tenants
      return tenants.map(\.name).filter { $0.hasPrefix(prefix) }
    } catch {
      return []
    }
  }
}
