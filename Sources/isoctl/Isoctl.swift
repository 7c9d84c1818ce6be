import ArgumentParser
import ControlProtocol

/// The command line.
struct Isoctl: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "isoctl",
    abstract: "Run programs as isolated tenants, and look after them.",
    discussion: """
      isoctl asks the daemon isolated, through its control socket, to start a program in namespaces of its own, \
      under cgroup v2 quotas and a seccomp filter, as a policy file says.

      EXIT STATUS:
        0        done
        1        the daemon refused or failed, or a policy has errors
        2        isoctl policy lint found errors
        64       the command line is wrong
      isoctl run, isoctl exec and isoctl attach return the status of the tenant's command, and
        125      isoctl or the daemon failed, or the command line is wrong
        126      the command was found but can't be run
        127      the command wasn't found
        128+N    signal N ended the command
      isoctl wait and isoctl stop print how the tenant ended; wait returns the command's status as run does.

      ENVIRONMENT:
        ISOLATED_SOCKET  the control socket, where --socket isn't given
        NO_COLOR         if set, output has no colours
      """,
    version: isolatedVersion,
    subcommands: [
      RunCommand.self, SpawnCommand.self, PsCommand.self, InspectCommand.self, KillCommand.self,
      StopCommand.self, WaitCommand.self, ForgetCommand.self, LogsCommand.self, PolicyCommand.self, IOCommand.self,
      DoctorCommand.self, VersionCommand.self, FreezeCommand.self, ThawCommand.self, UpdateCommand.self,
      EventsCommand.self, TopCommand.self, ExecCommand.self, AttachCommand.self,
    ])

  /// The commands whose status is another command's.
  private static let runners = ["run", "exec", "attach"]

  /// Parses the arguments, the program's own name first, does what they say, and ends the process.
  static func start(_ arguments: [String]) -> Never {
    do {
      var command = try parseAsRoot(Array(arguments.dropFirst()))
      try command.run()
      exitProcess(ExitStatus.success)
    } catch let status as ExitCode {
      // A command's own, which may be any.
      exitProcess(status.rawValue)
    } catch {
      let status = exitCode(for: error).rawValue
      if let command = arguments.dropFirst().first, Self.runners.contains(command), status == ExitStatus.usage {
        // A status that the command could have returned must not mean that it never ran.
        printToStandardError(fullMessage(for: error))
        exitProcess(ExitStatus.runFailed)
      }
      exit(withError: error)
    }
  }
}
