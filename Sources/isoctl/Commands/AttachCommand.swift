import ArgumentParser

struct AttachCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "attach",
    abstract: "Put this terminal in front of a tenant that has one.",
    discussion: """
      For tenants that were started with isoctl run -it or isoctl spawn -t. What you type goes to the tenant's \
      command, keys like ctrl-c included; ctrl-p ctrl-q detaches, and the tenant goes on. While nobody is attached, what the command \
      writes goes to the tenant's log: isoctl logs shows it. Another isoctl that is attached gives the terminal up.

      When the tenant ends meanwhile, also if it is started again, its command's status becomes isoctl's: see \
      isoctl --help.

      EXAMPLE:
        isoctl spawn -t -f shell.yaml
        isoctl attach shell
      """)

  @OptionGroup var keys: DetachKeysOption
  @OptionGroup var tenant: TenantArgument
  @OptionGroup var options: GlobalOptions

  func run() throws {
    let status = AttachRun.perform(
      tenant.name, connection: options.connection, json: options.json, detachKeys: try keys.value)
    throw ExitCode(status)
  }
}
