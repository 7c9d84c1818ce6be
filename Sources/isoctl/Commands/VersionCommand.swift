import ArgumentParser
import ControlProtocol
import Faults

struct VersionCommand: IsoctlCommand {
  static let configuration = CommandConfiguration(
    commandName: "version", abstract: "Show the versions of isoctl and of the daemon, and what it stands on.")

  @OptionGroup var options: GlobalOptions

  private struct Report: Encodable {
    var client: String
    var daemon: Version.Reply
  }

  func perform() throws(Fault) -> Int32 {
    // Before the daemon is asked: a daemon that is down shouldn't keep this from those who want to know.
    if !options.json { printToStandardOutput("isoctl    \(isolatedVersion)") }
    let daemon = try options.connection.call(Version.self, NoParameters()).reply
    if options.json {
      try printJSON(Report(client: isolatedVersion, daemon: daemon))
    } else {
      printToStandardOutput(printable("isolated  \(daemon.version)"))
      printToStandardOutput(printable("kernel    \(daemon.kernel) \(daemon.machine)"))
      printToStandardOutput(printable("cgroup v2 \(daemon.controllers.joined(separator: " "))"))
    }
    return ExitStatus.success
  }
}
