import ArgumentParser
import ControlProtocol
import Faults
import Glibc

/// The options that every command has.
struct GlobalOptions: ParsableArguments {
  @Flag(help: "Print JSON; errors too, on standard error.")
  var json = false

  @Option(
    help: ArgumentHelp("The daemon's control socket.", valueName: "path"), completion: .file())
  var socket: String?

  var connection: Connection { Connection(socket: socket) }
}

/// Which daemon to talk to.
struct Connection {
  /// The socket's path.
  let path: String

  /// Takes the path that was given, the environment's, or the usual one.
  init(socket: String?) {
    path = socket ?? environmentVariable("ISOLATED_SOCKET") ?? ControlInterface.defaultSocketPath
  }

  func open() throws(Fault) -> ControlClient { try ControlClient(path: path) }

  /// Makes one call on a connection of its own. One that changes nothing is made again where the daemon ends before it
  /// answers: the next daemon answers it.
  func call<Method: ControlMethod>(
    _ method: Method.Type, _ request: Method.Request
  ) throws(Fault) -> ControlClient.Answer<Method.Reply> {
    var lost = 0
    while true {
      var client = try open()
      do throws(Fault) {
        return try client.call(method, request)
      } catch {
        lost += 1
        guard Method.changesNothing, error.code == .connectionLost, lost < Self.attempts else { throw error }
      }
    }
  }

  /// How often a call that changes nothing is made before a lost connection is told.
  private static let attempts = 3
}

/// A variable of the environment; nil if it is unset or empty.
func environmentVariable(_ name: String) -> String? {
  guard let value = getenv(name), value.pointee != 0 else { return nil }
  return String(cString: value)
}
