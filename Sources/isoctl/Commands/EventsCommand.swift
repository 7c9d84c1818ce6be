import ArgumentParser
import ControlProtocol
import Faults
import Glibc
import Policy

struct EventsCommand: IsoctlCommand {
  static let configuration = CommandConfiguration(
    commandName: "events", abstract: "Tell what happens to tenants, as it happens.",
    discussion: """
      One line for each event, until Ctrl-C; with --json one JSON object a line. The events are spawned, ready, oom, \
      limit (it ran into memory.high, memory.max, memory.swap.max or pids.max), entered (a command of isoctl exec runs \
      in it), frozen, thawed, updated, unhealthy, healthy, restarted, restart-failed, stopped (while it waited for its \
      next start), and exited with what the tenant has used since its last start. Limits are watched while somebody \
      listens, and told once a second at most. A reader that is too slow holds up nobody: "lost" says how many events \
      are missing. Root sees all tenants, others their own.
      """)

  @Argument(
    help: ArgumentHelp("Only these tenants, which needn't exist yet.", valueName: "tenant"),
    completion: .custom(TenantArgument.complete))
  var names: [String] = []

  @Option(
    help: ArgumentHelp("Tell first what happened in the last time, for example 10min.", valueName: "time"),
    transform: Self.microseconds)
  var since: Int?

  @OptionGroup var options: GlobalOptions

  func perform() throws(Fault) -> Int32 {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    let request = Events.Request(
      tenants: names.isEmpty ? nil : names,
      sinceUsec: since.map { now.tv_sec * 1_000_000 + now.tv_nsec / 1000 - $0 })
    var client = try options.connection.open()
    try client.send(
      WireFormat.encodeCall(CallEnvelope(method: Events.qualifiedName, more: true), parameters: request))
    while true {
      let event = try client.receive(Events.Reply.self).reply.event
      if options.json {
        try printJSON(event)
      } else if event.event != .listening {
        printToStandardOutput(Self.line(event))
      }
    }
  }

  /// `2026-11-23 12:01:23.250 web exited: …`
  static func line(_ event: TenantEvent) -> String {
    var text = LocalTime.text(microseconds: event.timeUsec)
    if let tenant = event.tenant { text += " \(tenant)" }
    text += " \(event.event.rawValue)"
    let facts = facts(event)
    return printable((text + (facts.isEmpty ? "" : ": " + facts.joined(separator: ", "))).replacing("\n", with: " "))
  }

  private static func facts(_ event: TenantEvent) -> [String] {
    var facts: [String] = []
    if let pid = event.pid { facts.append("pid \(pid)") }
    if let limit = event.limit { facts.append(limit) }
    if let count = event.count { facts.append(counted(count, event.event)) }
    if let text = event.text { facts.append(text) }
    if let exit = event.exit { facts.append(Figures.exit(exit)) }
    guard let usage = event.usage else { return facts }
    facts.append("lived \(Figures.duration(microseconds: usage.lifetimeUsec))")
    facts.append("processor \(Figures.duration(microseconds: usage.cpuUsec))")
    if let peak = usage.memoryPeakBytes { facts.append("memory at most \(Figures.bytes(peak))") }
    if let read = usage.ioReadBytes { facts.append("read \(Figures.bytes(read))") }
    if let written = usage.ioWriteBytes { facts.append("written \(Figures.bytes(written))") }
    return facts
  }

  private static func counted(_ count: Int, _ kind: TenantEvent.Kind) -> String {
    switch kind {
    case .lost: count == 1 ? "one event is missing here" : "\(count) events are missing here"
    case .outOfMemory: count == 1 ? "one process killed" : "\(count) processes killed"
    case .restarted: "restart \(count) in a row"
    case .unhealthy: count == 1 ? "one check has failed" : "\(count) checks in a row have failed"
    default: count == 1 ? "once" : "\(count) times"
    }
  }

  @Sendable private static func microseconds(_ text: String) throws -> Int {
    do {
      return Int(clamping: try TimeSpan(parsing: text).microseconds)
    } catch {
      throw ValidationError("\(error.message)\(error.mend.map { "; \($0)" } ?? "")")
    }
  }
}
