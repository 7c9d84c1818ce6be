import ArgumentParser
import ControlProtocol
import Faults
import Glibc
import IsolatedCore

/// The daemon's command line.
@main
struct Isolated: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "isolated", abstract: "Gives each tenant process its own namespaces, quotas and system call filter.",
    version: isolatedVersion)

  @Option(help: "The configuration file.")
  var config: String?

  @Flag(help: "Only say whether the configuration can be understood.")
  var check = false

  @Option(help: "Only have the daemon of this process id read its configuration anew, and wait for what it says.")
  var reload: Int32?

  func run() throws {
    do throws(Fault) {
      if let reload { return try ReloadRequest.send(to: reload) }
      let configuration = try DaemonConfiguration.load(config)
      if check { return }
      try Daemon.run(configuration, path: config)
    } catch {
      for fault in [error] + error.others {
        let line = "<3>isolated: \(fault)\n"
        _ = write(STDERR_FILENO, line, line.utf8.count)
      }
      throw ExitCode(1)
    }
  }
}
