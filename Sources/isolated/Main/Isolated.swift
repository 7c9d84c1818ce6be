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

  func run() throws {
    do throws(Fault) {
      try Daemon.run(DaemonConfiguration.load(config))
    } catch {
      let line = "<3>isolated: \(error)\n"
      _ = write(STDERR_FILENO, line, line.utf8.count)
      throw ExitCode(1)
    }
  }
}
