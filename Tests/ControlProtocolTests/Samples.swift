import ControlProtocol
import Faults

/// One value of each message, with every optional member given.
enum Samples {
  static let exit = Exit(status: 3, signal: 9, cause: .exited, durationUsec: 12)

  static let spawn = Spawn.Request(
    policy: "web", document: "tenant: a\n", documentName: "a.yaml", name: "n",
    command: ["/bin/sh", "-c", "echo \"\u{1}\\\u{1F600}/\"\t\u{7f}\u{2028}"], environment: ["PATH": "/bin"],
    stdio: Stdio(stdin: 0, stdout: 1, stderr: 2), foreground: true,
    terminal: TerminalRequest(rows: 24, columns: 80, term: "xterm"))

  static let spawned = Spawn.Reply(name: "web", pid: 42, notEnforced: ["io.latency \"p99\""], exit: exit)

  static let summary = TenantSummary(
    name: "web", state: "running", policy: "web-role", pid: 1, owner: 2, startedUsec: 3, cpuUsec: 4,
    memoryBytes: 5, memoryMaxBytes: 6, pids: 7, pidsMax: 8, ioReadBytes: 9, ioWriteBytes: .max, exit: exit,
    restarts: 4, nextStartUsec: 10, health: "healthy")

  static let logs = Logs.Reply(source: .file, identifier: "web", user: 7, path: "/p", file: 0)

  static let inspection = Inspection(
    summary: summary, command: ["a"], cgroup: "/g", namespaces: ["net": 1],
    idRange: .init(first: 1, count: 2),
    limits: [.init(file: "f", asked: "a", kernel: "k")], capabilities: ["CAP_CHOWN"], seccomp: "default",
    mounts: [.init(target: "/t", source: "s", options: "ro")], notEnforced: ["x"], logs: logs,
    io: [IODecision(timeUsec: 1, disk: "nvme0n1", text: "held to a fifth")], ioPromises: ["sda: weight 1"],
    ioSensor: "no BTF", landlock: "version 6",
    restart: RestartStatus(
      condition: "failure", total: 4, inARow: 3, limit: 5, hasGivenUp: true, nextStartUsec: 10, lastExit: exit,
      failure: "the root has gone"), after: ["database"],
    health: HealthStatus(status: "starting", check: "tcp 80", failures: 1, reason: "no answer within 2s"))

  /// Its fractions are whole, for the tests' reader of JSON knows no others.
  static let disk = IODisk(
    number: "259:0", name: "nvme0n1", mechanism: "io.max", phase: .cruise, reason: "web has a target", capacity: 1,
    rate: 1, used: 1, inFlight: 2, readOperations: 3, writeOperations: 4, readBytes: 5, writeBytes: 6, tickUsec: 7,
    sensor: "no BTF",
    tenants: [
      IOTenant(
        name: "web", isHost: false, weight: 100, reserved: 0, readOperations: 1, writeOperations: 2, readBytes: 3,
        writeBytes: 4, used: 0, granted: 1, state: .share, reason: "others want the disk too", heldShare: 1,
        latencies: [
          IOLatencyFigures(
            operation: .syncWrite, samples: 9, p50Usec: 1, p99Usec: 2, p999Usec: 3, waitP99Usec: 4, targetUsec: 5,
            kept: 1)
        ])
    ], warnings: ["a file system is shared"])

  static let update = Update.Request(
    name: "a", document: "tenant: a\n", documentName: "a.yaml",
    settings: [.init(key: "io.weight", device: "/srv", value: "5", origin: "--io")], dryRun: true)

  static let event = TenantEvent(
    timeUsec: 1, event: .exited, tenant: "a", pid: 2, limit: "memory.max", count: 3, text: "t", exit: exit,
    usage: ResourceSummary(cpuUsec: 1, memoryPeakBytes: 2, ioReadBytes: 3, ioWriteBytes: 4, lifetimeUsec: 5))

  static let usage: TenantUsage = {
    var usage = TenantUsage(name: "a", state: "running", pid: 1)
    (usage.cpuUsec, usage.cpuMaxPercent, usage.cpuPeriods, usage.cpuThrottledPeriods) = (1, 2, 3, 4)
    (usage.memoryBytes, usage.memoryMaxBytes, usage.pids, usage.pidsMax) = (5, 6, 7, 8)
    (usage.ioReadBytes, usage.ioWriteBytes) = (9, 10)
    (usage.cpuWaitUsec, usage.memoryWaitUsec, usage.ioWaitUsec) = (11, 12, 13)
    return usage
  }()

  static let fault: Fault = {
    var first = Fault(
      "policy.unknown-key", "unknown key \"x\"", systemCall: "open", path: "/p", errno: ErrorNumber(13),
      position: .init(file: "a.yaml", line: 3, column: 7), mend: "did you mean y?")
    first.others = [first]
    return first
  }()

  /// The method's name, a request and a reply.
  static let messages: [(String, any Encodable & Sendable, any Encodable & Sendable)] = [
    (Spawn.name, spawn, spawned),
    (Wait.name, TenantName(name: "a"), Wait.Reply(exit: exit)),
    (List.name, NoParameters(), List.Reply(tenants: [summary])),
    (Inspect.name, TenantName(name: "a"), Inspect.Reply(tenant: inspection)),
    (Kill.name, Kill.Request(name: "a", signal: 9), NoParameters()),
    (
      Stop.name, Stop.Request(name: "a", graceUsec: 1, only: true),
      Stop.Reply(exit: exit, dependants: [.init(name: "b", exit: exit)])
    ),
    (Forget.name, TenantName(name: "a"), NoParameters()),
    (Logs.name, TenantName(name: "a"), logs),
    (IOStatus.name, NoParameters(), IOStatus.Reply(disks: [disk])),
    (
      Version.name, NoParameters(),
      Version.Reply(version: "1", kernel: "6", machine: "m", controllers: ["cpu"])
    ),
    (Freeze.name, TenantName(name: "a"), NoParameters()),
    (Thaw.name, TenantName(name: "a"), NoParameters()),
    (
      Update.name, update,
      Update.Reply(changes: [.init(what: "pids.max", before: "1", after: "2")], warnings: ["w"])
    ),
    (Events.name, Events.Request(tenants: ["a"], sinceUsec: 1), Events.Reply(event: event)),
    (Usage.name, NoParameters(), Usage.Reply(clockUsec: 1, processors: 2, tenants: [usage])),
    (
      Exec.name,
      Exec.Request(
        name: "a", command: ["sh"], user: "u", environment: ["A": "b"], directory: "/d",
        stdio: Stdio(stdin: 0, stdout: 1, stderr: 2), terminal: TerminalRequest(rows: 1, columns: 2, term: "dumb")),
      Exec.Reply(session: 0)
    ),
    (Attach.name, TenantName(name: "a"), Attach.Reply(session: 0)),
    (Detach.name, TenantName(name: "a"), NoParameters()),
  ]
}
