import ArgumentParser
import ControlProtocol
import Faults

struct SpawnCommand: IsoctlCommand {
  static let configuration = CommandConfiguration(
    commandName: "spawn",
    abstract: "Start a tenant in the background.",
    discussion: "Prints its name once its command runs. Its output goes to the log: see isoctl logs.")

  @OptionGroup var options: GlobalOptions
  @OptionGroup var spawn: SpawnOptions

  func perform() throws(Fault) -> Int32 {
    // Nobody looks at it yet: the size is that of the first who attaches, and until then the usual one.
    let terminal = spawn.tty ? TerminalRequest(rows: 24, columns: 80, term: "xterm-256color") : nil
    let request = try spawn.arguments(options).spawnRequest(foreground: false, terminal: terminal)
    let reply = try options.connection.call(Spawn.self, request).reply
    if options.json {
      try printJSON(reply)
    } else {
      printToStandardOutput(printable(reply.name))
      for feature in reply.notEnforced {
        printToStandardError("isoctl: not enforced on this host: \(printable(feature))")
      }
    }
    return ExitStatus.success
  }
}
