import ArgumentParser

struct ExecCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "exec",
    abstract: "Run a further command in a running tenant.",
    usage: "isoctl exec [-it] [--user <user>] [--env <name=value>] [--directory <path>] <tenant> -- <command> …",
    discussion: """
      The command sees what the tenant sees and may do what the tenant may do, no more: it runs in the tenant's \
      namespaces and control group, as its user, with its capabilities, limits and system call filter. Its output \
      comes here, its exit status becomes isoctl's: see isoctl --help. SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2 \
      and SIGWINCH are passed on to it.

      It ends with the tenant, and when isoctl goes: SIGHUP, then SIGKILL after ten seconds. A restart of the daemon \
      changes nothing for it. Root may do this; others in their own tenants, where the policy says \
      allow: {command_override: true}.

      With -t it gets a terminal of its own within the tenant, for shells and whatever else wants one: what you \
      type goes there, ctrl-c included.

      EXAMPLES:
        isoctl exec web -- ps ax
        isoctl exec -it web -- sh
        isoctl exec -i database -- psql <dump.sql
      """)

  @Flag(name: .shortAndLong, help: "Pass standard input on; without it the command's is empty.")
  var interactive = false

  @Flag(name: .shortAndLong, help: "Give it a terminal of its own; standard input must be one.")
  var tty = false

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Another user than the tenant's, from the tenant's own /etc/passwd, or a number; only for root.",
      valueName: "user[:group]"))
  var user: String?

  @Option(
    name: [.customShort("e"), .customLong("env")],
    help: ArgumentHelp("A variable, added to the tenant's environment.", valueName: "name=value"))
  var environment: [String] = []

  @Option(
    name: [.customShort("w"), .customLong("directory")],
    help: ArgumentHelp("The working directory, within the tenant.", valueName: "path"))
  var directory: String?

  @OptionGroup var tenant: TenantArgument

  @Argument(parsing: .postTerminator, help: ArgumentHelp("The command, after --.", valueName: "command"))
  var command: [String] = []

  @OptionGroup var options: GlobalOptions

  func validate() throws {
    if command.isEmpty { throw ValidationError("Say what to run, after --: isoctl exec \(tenant.name) -- ps ax") }
  }

  func run() throws {
    let arguments = ExecArguments(
      connection: options.connection, json: options.json, tenant: tenant.name, user: user, environment: environment,
      directory: directory, passesInput: interactive, terminal: tty, command: command)
    throw ExitCode(ExecRun.perform(arguments))
  }
}
