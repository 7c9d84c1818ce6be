import ArgumentParser

struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Run a tenant in the foreground.",
    discussion: """
      The command gets this terminal or these pipes as its standard streams. SIGINT, SIGTERM, SIGHUP, SIGQUIT, \
      SIGUSR1, SIGUSR2 and SIGWINCH are passed on to it, and its exit status becomes isoctl's: see isoctl --help. \
      When isoctl is killed, the tenant ends.

      With -t it gets a terminal of its own within the tenant, for shells and whatever else wants one: what you \
      type goes there, ctrl-c included. ctrl-p ctrl-q detaches: isoctl returns, the tenant goes on, and isoctl attach \
      comes back to it.

      EXAMPLES:
        isoctl run untrusted-code -- python3 -c 'print(6 * 7)'
        isoctl run -it untrusted-code -- python3
      """)

  @Flag(name: .shortAndLong, help: "Pass standard input on, which is done in any case.")
  var interactive = false

  @OptionGroup var keys: DetachKeysOption
  @OptionGroup var options: GlobalOptions
  @OptionGroup var spawn: SpawnOptions

  func run() throws {
    var arguments = spawn.arguments(options)
    arguments.detachKeys = try keys.value
    throw ExitCode(ForegroundRun.perform(arguments))
  }
}
