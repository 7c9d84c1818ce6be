import ArgumentParser
import ControlProtocol
import Faults
import Glibc
import Kernel
import Policy
import PolicyTools
import Sandbox

struct PolicyLearnCommand: IsoctlCommand {
  static let configuration = CommandConfiguration(
    commandName: "learn",
    abstract: "Run a program, and print the smallest policy that runs it.",
    discussion: """
      The program runs as a tenant called learn-NAME, under the default system call filter, on the host's root file \
      system beneath an overlay in memory: it may read what its user may read on the host, and what it writes is gone \
      afterwards. /run is empty and in memory. What lies on other file systems than / isn't there, unless it is named \
      with --writable.

      isoctl watches every system call (ptrace(2)), so the program runs several times slower while it makes them. \
      Have it do all that it will have to do: serve its load, reload, end. It is asked to end after --duration, or at \
      Ctrl-C. Then the policy is printed, with the reason for each grant, and what the program was refused.

      It takes root. What it can't see: which capability the kernel asked for, beyond what a call's arguments and \
      result tell; what the program would do with a file or a capability that it wasn't given; and what happens in no \
      system call, such as writing through a shared mapping.

      EXIT STATUS:
        0    the policy is there
        1    it failed, or the program ended by itself with an error: the policy is printed, and may lack what comes after
      """)

  @Option(
    help: ArgumentHelp(
      "A root file system to run it on instead of the host's; the policy has it as its base.", valueName: "dir"),
    completion: .directory)
  var root: String?
  @Option(help: "Whom it runs as: a name or a number of its root.")
  var user = "nobody"
  @Option(help: "The group instead of the user's own.")
  var group: String?
  @Option(help: ArgumentHelp("Its working directory.", valueName: "path"))
  var directory = "/"
  @Option(
    name: [.customShort("e"), .customLong("env")],
    help: ArgumentHelp("A variable of its environment, which goes into the policy.", valueName: "name=value"))
  var environment: [String] = []
  @Option(help: ArgumentHelp("Ask it to end after this time, such as 30s.", valueName: "time"))
  var duration: String?
  @Option(help: ArgumentHelp("The signal that asks it to end.", valueName: "signal"))
  var signal = SignalArgument(number: Int(SIGTERM))
  @Option(
    name: .shortAndLong, help: ArgumentHelp("Where the policy goes; standard output otherwise.", valueName: "file"),
    completion: .file(extensions: ["yaml"]))
  var output: String?
  @Option(help: "The tenant's name in the policy; the program's otherwise.")
  var name: String?
  @Option(help: ArgumentHelp("A path of the host that it may really write in the run.", valueName: "path"))
  var writable: [String] = []
  @Option(help: ArgumentHelp("A directory that is empty and in memory in the run.", valueName: "path"))
  var tmpfs: [String] = []
  @Option(help: ArgumentHelp("A capability that it holds in the run, such as CAP_SETUID.", valueName: "name"))
  var capability: [String] = []
  @Option(help: ArgumentHelp("A system call that the run allows although the default refuses it.", valueName: "name"))
  var allow: [String] = []
  @Option(help: ArgumentHelp("Its network in the run: host or none.", valueName: "mode"))
  var network = "host"
  @Option(help: ArgumentHelp("The memory of the run, overlay and all.", valueName: "size"))
  var memory = "1GiB"
  @Flag(help: .hidden)
  var hold = false

  @Argument(
    parsing: .postTerminator, help: ArgumentHelp("The program and its arguments, after --.", valueName: "command"))
  var command: [String] = []

  @OptionGroup var options: GlobalOptions

  func validate() throws {
    if command.isEmpty { throw ValidationError("Name the program to learn from, after --.") }
    if !["host", "none"].contains(network) { throw ValidationError("--network is host or none.") }
  }

  func perform() throws(Fault) -> Int32 {
    if hold { return HeldStart.perform(command) }
    let asked = try asked()
    let outcome = try LearningRun(asked, options.connection).perform()
    let prefix = root ?? ""
    let learnt = LearntPolicy(outcome.use, asked.setup) { HostFiles.look($0, beneath: prefix) }
    try Self.check(learnt.text)
    if let output {
      try SmallFile.replace(output, with: Array(learnt.text.utf8), mode: 0o644)
    } else {
      write(learnt.text, to: 1)
    }
    return conclude(outcome, learnt)
  }

  private func conclude(_ outcome: LearningRun.Outcome, _ learnt: LearntPolicy) -> Int32 {
    let number = learnt.calls.count
    printToStandardError("isoctl: \(number) system calls, of the default profile's \(learnt.defaultCallCount)")
    let code = outcome.status >> 8 & 0xFF
    let signal = outcome.status & 0x7F
    if outcome.wasStopped || code == 0 && signal == 0 { return ExitStatus.success }
    let end = signal == 0 ? "with status \(code)" : "by \(SignalArgument.name(of: Int(signal)))"
    printToStandardError(
      "isoctl: the program ended \(end) by itself: what it needs afterwards isn't in the policy; see its remarks")
    return ExitStatus.failure
  }

  private func asked() throws(Fault) -> LearningRun.Options {
    var capabilities: [Sandbox.Capability] = []
    for name in capability { capabilities.append(try Sandbox.Capability(name: name)) }
    for name in allow { try Sandbox.SeccompPolicy.check(systemCall: name) }
    let setup = LearntPolicy.Setup(
      tenant: name ?? LearntPolicy.tenantName(for: command.first ?? ""), command: command, user: user, group: group,
      directory: directory, environment: try RunArguments.variables(environment),
      base: FileGrants.Base(
        directory: root, configuration: Set(HostTemplate.standardConfiguration), temporary: ["/run"] + tmpfs),
      hadNetwork: network == "host", capabilities: capabilities, allowedCalls: allow,
      stopSignal: SignalArgument.name(of: signal.number))
    return LearningRun.Options(
      setup: setup, duration: try duration.map { text throws(Fault) in try Self.quantity(text, "--duration") },
      memory: try Self.quantity(memory, "--memory"), writable: writable, stopSignal: Int32(signal.number),
      ownsOutput: output != nil)
  }

  private static func quantity<Value: Quantity>(_ text: String, _ option: String) throws(Fault) -> Value {
    do {
      return try Value(parsing: text)
    } catch {
      throw Fault(.badArgument, "\(option): \(error.message)", mend: error.mend)
    }
  }

  /// A policy that can't be spawned must not be handed out as one that can.
  private static func check(_ text: String) throws(Fault) {
    do throws(PolicyErrors) {
      _ = try PolicyDocument.parse(text: text, file: "the learnt policy")
    } catch {
      guard var fault = Fault(joining: error.faults) else { return }
      fault.mend = fault.mend ?? "an option or an argument of the command holds what no policy can"
      throw fault
    }
  }
}

/// Looks at the host's files on behalf of the pure rooms.
enum HostFiles {
  /// What a path is, links followed.
  static func look(_ path: String, beneath prefix: String) -> HostFile? {
    var status = stat()
    guard stat(prefix + path, &status) == 0 else { return nil }
    let kind: HostFile.Kind =
      switch status.st_mode & S_IFMT {
      case S_IFDIR: .directory
      case S_IFREG: .file
      case S_IFSOCK: .socket
      case S_IFCHR, S_IFBLK: .device
      default: .other
      }
    return HostFile(kind: kind, mode: status.st_mode & 0o7777, user: status.st_uid)
  }
}
