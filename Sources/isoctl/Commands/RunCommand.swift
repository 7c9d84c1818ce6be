import ArgumentParser

struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Run a tenant in the foreground.",
    discussion: """
      The command gets this terminal or these pipes as its standard streams. SIGINT, SIGTERM, SIGHUP, SIGQUIT, \
      SIGUSR1, SIGUSR2 and SIGWINCH are passed on to it, and its exit status becomes isoctl's: see isoctl --help. \
      When isoctl is killed, the tenant ends.
      """)

  @OptionGroup var options: GlobalOptions
  @OptionGroup var spawn: SpawnOptions

  func run() throws { throw ExitCode(ForegroundRun.perform(spawn.arguments(options))) }
}
