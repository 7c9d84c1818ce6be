import ArgumentParser

/// What `run` and `spawn` have in common.
struct SpawnOptions: ParsableArguments {
  @Argument(help: ArgumentHelp("The name of an installed policy.", valueName: "policy"))
  var policy: String?

  @Option(
    name: .shortAndLong, help: ArgumentHelp("A policy file; - is standard input.", valueName: "file"),
    completion: .file(extensions: ["yaml", "yml"]))
  var file: String?

  @Option(help: "The tenant's name, where the policy's isn't wanted.")
  var name: String?

  @Option(
    name: [.customShort("e"), .customLong("env")],
    help: ArgumentHelp("A variable of the command's environment.", valueName: "name=value"))
  var environment: [String] = []

  @Flag(name: .shortAndLong, help: "Give the command a terminal of its own, for isoctl attach.")
  var tty = false

  @Argument(
    parsing: .postTerminator,
    help: ArgumentHelp("The command instead of the policy's, after --.", valueName: "command"))
  var command: [String] = []

  func validate() throws {
    if (policy == nil) == (file == nil) {
      throw ValidationError("Name one policy: an installed one, or a file with -f.")
    }
  }

  /// The same as plain values.
  func arguments(_ options: GlobalOptions) -> RunArguments {
    var arguments = RunArguments()
    arguments.socket = options.socket
    arguments.json = options.json
    arguments.policy = policy
    arguments.file = file
    arguments.name = name
    arguments.environment = environment
    arguments.command = command
    arguments.terminal = tty
    return arguments
  }
}
