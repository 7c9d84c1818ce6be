import ControlProtocol
import Faults

/// What `isoctl exec` was told.
struct ExecArguments {
  var connection: Connection
  var json = false
  var tenant: String
  var user: String?
  var environment: [String] = []
  var directory: String?
  var passesInput = false
  /// Whether the command gets a terminal.
  var terminal = false
  var command: [String]

  /// The request that these arguments mean.
  ///
  /// - Throws: `isoctl.bad-argument`.
  func request(terminal: TerminalRequest?) throws(Fault) -> Exec.Request {
    Exec.Request(
      name: tenant, command: command, user: user,
      environment: environment.isEmpty ? nil : try RunArguments.variables(environment), directory: directory,
      stdio: terminal == nil ? Stdio(stdin: 0, stdout: 1, stderr: 2) : nil, terminal: terminal)
  }
}
