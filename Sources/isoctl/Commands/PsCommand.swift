import ArgumentParser
import ControlProtocol
import Faults
import Glibc

struct PsCommand: IsoctlCommand {
  static let configuration = CommandConfiguration(
    commandName: "ps", abstract: "List the tenants and what they use.",
    discussion: "Members of the daemon's group see their own tenants, root sees all.")

  @OptionGroup var options: GlobalOptions

  func perform() throws(Fault) -> Int32 {
    let reply = try options.connection.call(List.self, NoParameters()).reply
    if options.json {
      try printJSON(reply)
      return ExitStatus.success
    }
    for line in Self.table(reply.tenants, now: Self.microsecondsNow()).lines(.current) {
      printToStandardOutput(line)
    }
    return ExitStatus.success
  }

  /// The table; `now` is in microseconds since 1970.
  static func table(_ tenants: [TenantSummary], now: Int) -> Table {
    var columns: [Table.Column] = [
      .init(title: "NAME", shrinksTo: 12), .init(title: "STATE", shrinksTo: 7),
      .init(title: "POLICY", shrinksTo: 8, leavesAt: 2), .init(title: "PID", alignment: .right, leavesAt: 3),
      .init(title: "OWNER", shrinksTo: 6, leavesAt: 1), .init(title: "UP", alignment: .right, leavesAt: 4),
      .init(title: "CPU", alignment: .right), .init(title: "MEMORY", alignment: .right),
      .init(title: "PIDS", alignment: .right, leavesAt: 5),
      .init(title: "READ", alignment: .right, leavesAt: 6),
      .init(title: "WRITTEN", alignment: .right, leavesAt: 7),
    ]
    if tenants.contains(where: { $0.restarts ?? 0 > 0 }) {
      columns.append(.init(title: "RESTARTS", alignment: .right, leavesAt: 0))
    }
    var table = Table(columns)
    let users = UserNames()
    for tenant in tenants {
      let (age, overflow) = now.subtractingReportingOverflow(tenant.startedUsec)
      let up = tenant.exit?.durationUsec ?? (overflow ? 0 : age)
      table.add([
        tenant.name, Figures.state(tenant, now: now), tenant.policy,
        tenant.pid.map(String.init) ?? "-", users.name(of: tenant.owner), Figures.duration(microseconds: up),
        Figures.duration(microseconds: tenant.cpuUsec),
        Figures.share(Figures.bytes(tenant.memoryBytes), of: tenant.memoryMaxBytes.map(Figures.bytes)),
        Figures.share("\(tenant.pids)", of: tenant.pidsMax.map(String.init)),
        Figures.bytes(tenant.ioReadBytes), Figures.bytes(tenant.ioWriteBytes),
        tenant.restarts.map(String.init) ?? "-",
      ])
    }
    return table
  }

  static func microsecondsNow() -> Int {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return now.tv_sec * 1_000_000 + now.tv_nsec / 1000
  }
}
