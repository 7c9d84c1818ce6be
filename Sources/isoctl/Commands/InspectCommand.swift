import ArgumentParser
import ControlProtocol
import Faults

struct InspectCommand: IsoctlCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Show all about a tenant: its limits as the kernel reports them, and more.")

  @OptionGroup var tenant: TenantArgument
  @OptionGroup var options: GlobalOptions

  func perform() throws(Fault) -> Int32 {
    let reply = try options.connection.call(Inspect.self, TenantName(name: tenant.name)).reply
    if options.json {
      try printJSON(reply.tenant)
    } else {
      for line in Self.lines(reply.tenant, .current) { printToStandardOutput(line) }
    }
    return ExitStatus.success
  }

  static func lines(_ tenant: Inspection, _ terminal: Terminal) -> [String] {
    let plain = Terminal(width: terminal.width, hasColour: false)
    return facts(tenant).lines(plain).dropFirst()
      + section("Limits", limits(tenant), tenant.limits.isEmpty, terminal)
      + list("IO promises", tenant.ioPromises ?? [], terminal)
      + list("IO latencies", (tenant.ioSensor.map { ["not measured: \($0)"] }) ?? [], terminal)
      + list("IO decisions", (tenant.io ?? []).map(decision), terminal)
      + section("Namespaces", namespaces(tenant), tenant.namespaces.isEmpty, terminal)
      + section("Mounts", mounts(tenant), tenant.mounts.isEmpty, terminal)
  }

  private static func facts(_ tenant: Inspection) -> Table {
    var facts = Table([.init(title: ""), .init(title: "", shrinksTo: 20)])
    let summary = tenant.summary
    let range = tenant.idRange
    facts.add(["Name", summary.name])
    facts.add(["State", Figures.state(summary, now: PsCommand.microsecondsNow())])
    for fact in LifeFacts.rows(tenant) { facts.add(fact) }
    facts.add(["Policy", summary.policy])
    facts.add(["Command", tenant.command.map(quoted).joined(separator: " ")])
    facts.add(["Pid", summary.pid.map(String.init) ?? "-"])
    facts.add(["Owner", UserNames().name(of: summary.owner)])
    facts.add(["Group", tenant.cgroup])
    facts.add(["Ids", "\(range.first) and up, \(range.count) of them"])
    facts.add(["Capabilities", list(tenant.capabilities)])
    facts.add(["Seccomp", tenant.seccomp])
    facts.add(["Landlock", tenant.landlock ?? "unknown"])
    facts.add(["Not enforced", list(tenant.notEnforced)])
    facts.add(["Output", output(tenant.logs)])
    return facts
  }

  private static func limits(_ tenant: Inspection) -> Table {
    var table = Table([
      .init(title: "FILE", shrinksTo: 12), .init(title: "ASKED", shrinksTo: 10),
      .init(title: "KERNEL", shrinksTo: 10),
    ])
    for limit in tenant.limits { table.add([limit.file, limit.asked, limit.kernel]) }
    return table
  }

  private static func decision(_ decision: IODecision) -> String {
    "\(LocalTime.text(microseconds: decision.timeUsec)) \(decision.disk): \(decision.text)"
  }

  private static func list(_ title: String, _ items: [String], _ terminal: Terminal) -> [String] {
    items.isEmpty ? [] : ["", "\(title):"] + items.flatMap { wrapped(printable($0), to: terminal.width, indent: 2) }
  }

  private static func namespaces(_ tenant: Inspection) -> Table {
    var table = Table([.init(title: "KIND"), .init(title: "INODE", alignment: .right)])
    for (kind, inode) in tenant.namespaces.sorted(by: { $0.key < $1.key }) { table.add([kind, "\(inode)"]) }
    return table
  }

  private static func mounts(_ tenant: Inspection) -> Table {
    var table = Table([
      .init(title: "TARGET", shrinksTo: 12), .init(title: "SOURCE", shrinksTo: 12),
      .init(title: "OPTIONS", shrinksTo: 8),
    ])
    for mount in tenant.mounts { table.add([mount.target, mount.source, mount.options]) }
    return table
  }

  private static func section(
    _ title: String, _ table: Table, _ isEmpty: Bool, _ terminal: Terminal
  ) -> [String] {
    isEmpty ? [] : ["", "\(title):"] + table.lines(terminal)
  }

  private static func list(_ words: [String]) -> String {
    words.isEmpty ? "none" : words.joined(separator: ", ")
  }

  private static func output(_ logs: Logs.Reply) -> String {
    switch logs.source {
    case .journal: "journal, identifier \(logs.identifier)" + (logs.user.map { ", user \($0)" } ?? "")
    case .file: "file \(logs.path ?? "?")"
    case .stdio: "the streams of isoctl run"
    default: logs.source.rawValue
    }
  }

  /// An argument as a shell would need it.
  private static func quoted(_ argument: String) -> String {
    let plain = argument.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
      case UInt8(ascii: "0")...UInt8(ascii: "9"): true
      default: "_-./=:,+@%".utf8.contains(byte)
      }
    }
    return plain && !argument.isEmpty ? argument : "'" + argument.replacing("'", with: #"'\''"#) + "'"
  }
}
