import ArgumentParser
import ControlProtocol
import Faults

struct UpdateCommand: IsoctlCommand {
  static let configuration = CommandConfiguration(
    commandName: "update", abstract: "Change what a running tenant may use: all of what is asked, or nothing.",
    discussion: """
      Each option gives one key of the tenant's policy another value, written as in a policy file; none takes the key \
      away. With -f, a whole policy takes the place of the tenant's: what differs must be among cpu, memory, pids, io, \
      stop, restart, health, after, enforcement, allow and description, since the rest holds from a tenant's start to \
      its end. Options beside -f go before what the file says.

      Memory and disks are admitted as when a tenant is spawned, and a refusal says what would fit. memory.max can't \
      be set below what the tenant uses and can't give back. What has changed is printed; a restart by the tenant's \
      policy keeps it, and it goes with the tenant's end.

      EXAMPLES:
        isoctl update web --memory-max 512MiB --cpu-max 150%
        isoctl update web --cpu-max none --set memory.low=64MiB
        isoctl update db --io /srv/db:reservation.iops=300 --io /srv/db:weight=500
        isoctl update web -f web.yaml --dry-run
      """)

  @OptionGroup var tenant: TenantArgument

  @Option(help: ArgumentHelp("The hard limit of memory.", valueName: "size")) var memoryMax: String?
  @Option(help: ArgumentHelp("Above this it is slowed down and reclaimed from.", valueName: "size"))
  var memoryHigh: String?
  @Option(help: ArgumentHelp("Memory that is reclaimed only if nothing else is left.", valueName: "size"))
  var memoryLow: String?
  @Option(help: ArgumentHelp("Memory that is never reclaimed: its reservation.", valueName: "size"))
  var memoryMin: String?
  @Option(help: ArgumentHelp("Swap space.", valueName: "size")) var memorySwap: String?
  @Option(help: ArgumentHelp("Processor time; 100% is one processor.", valueName: "percentage"))
  var cpuMax: String?
  @Option(help: ArgumentHelp("Its share of processor time against others', 1 to 10000.", valueName: "weight"))
  var cpuWeight: String?
  @Option(help: ArgumentHelp("The processors that it may run on, for example 0-3,8.", valueName: "list"))
  var cpus: String?
  @Option(help: ArgumentHelp("Processes and threads.", valueName: "count")) var pidsMax: String?
  @Option(
    help: ArgumentHelp(
      "A key of an entry of io, for example /srv:weight=500 or /srv:limit.iops=none; /srv:none takes the entry away.",
      valueName: "device:key=value"))
  var io: [String] = []
  @Option(help: ArgumentHelp("Any other key, for example memory.zswap=max.", valueName: "key=value"))
  var set: [String] = []
  @Option(
    name: .shortAndLong, help: ArgumentHelp("A policy file; - is standard input.", valueName: "file"),
    completion: .file(extensions: ["yaml", "yml"]))
  var file: String?
  @Flag(help: "Only tell what would change.") var dryRun = false

  @OptionGroup var options: GlobalOptions

  func validate() throws {
    if file == nil && named.isEmpty && io.isEmpty && set.isEmpty {
      throw ValidationError("Say what to change: by an option such as --memory-max, or by a policy with -f.")
    }
  }

  func perform() throws(Fault) -> Int32 {
    let settings =
      try named + io.map { text throws(Fault) in try Self.ioSetting(text) }
      + set.map { text throws(Fault) in try Self.setting(text) }
    let request = Update.Request(
      name: tenant.name, document: try file.map { path throws(Fault) in try PolicyFile.read(path) },
      documentName: file, settings: settings.isEmpty ? nil : settings, dryRun: dryRun)
    let reply = try options.connection.call(Update.self, request).reply
    if options.json {
      try printJSON(reply)
    } else {
      for line in Self.lines(reply, dryRun: dryRun, .current) { printToStandardOutput(line) }
    }
    return ExitStatus.success
  }

  /// The options that stand for one key each.
  private var named: [Update.Setting] {
    let options = [
      ("memory.max", memoryMax, "--memory-max"), ("memory.high", memoryHigh, "--memory-high"),
      ("memory.low", memoryLow, "--memory-low"), ("memory.min", memoryMin, "--memory-min"),
      ("memory.swap", memorySwap, "--memory-swap"), ("cpu.max", cpuMax, "--cpu-max"),
      ("cpu.weight", cpuWeight, "--cpu-weight"), ("cpu.cpus", cpus, "--cpus"), ("pids.max", pidsMax, "--pids-max"),
    ]
    return options.compactMap { key, value, origin in
      value.map { Update.Setting(key: key, value: Self.value($0), origin: origin) }
    }
  }

  /// `DEVICE:KEY=VALUE`, or `DEVICE:none`.
  static func ioSetting(_ text: String) throws(Fault) -> Update.Setting {
    let equals = text.firstIndex(of: "=")
    let place = text[..<(equals ?? text.endIndex)]
    guard let colon = place.lastIndex(of: ":"), colon != text.startIndex else { throw badArgument("--io", text) }
    let (device, key) = (String(place[..<colon]), place[place.index(after: colon)...])
    guard let equals else {
      guard key == "none" else { throw badArgument("--io", text) }
      return Update.Setting(key: "io", device: device, origin: "--io")
    }
    guard !key.isEmpty else { throw badArgument("--io", text) }
    return Update.Setting(
      key: "io.\(key)", device: device, value: value(String(text[text.index(after: equals)...])), origin: "--io")
  }

  /// `KEY=VALUE`.
  static func setting(_ text: String) throws(Fault) -> Update.Setting {
    guard let equals = text.firstIndex(of: "="), equals != text.startIndex else { throw badArgument("--set", text) }
    return Update.Setting(
      key: String(text[..<equals]), value: value(String(text[text.index(after: equals)...])), origin: "--set")
  }

  private static func value(_ text: String) -> String? { text == "none" ? nil : text }

  private static func badArgument(_ option: String, _ text: String) -> Fault {
    Fault(
      .badArgument, "\(option) doesn't take \"\(text)\"",
      mend: option == "--io" ? "write DEVICE:KEY=VALUE, or DEVICE:none" : "write KEY=VALUE")
  }

  static func lines(_ reply: Update.Reply, dryRun: Bool, _ terminal: Terminal) -> [String] {
    var lines: [String] = []
    if reply.changes.isEmpty {
      lines.append(dryRun ? "nothing would change" : "nothing had to change")
    } else {
      var table = Table([
        .init(title: dryRun ? "WOULD CHANGE" : "CHANGED", shrinksTo: 8), .init(title: "FROM", shrinksTo: 8),
        .init(title: "TO", shrinksTo: 8),
      ])
      for change in reply.changes { table.add([change.what, change.before ?? "none", change.after ?? "none"]) }
      lines += table.lines(terminal)
    }
    return lines + reply.warnings.flatMap { wrapped(printable("warning: \($0)"), to: terminal.width, indent: 2) }
  }
}
