import CgroupKit
import ControlProtocol
import IOQoS
import IOSensor

@testable import IsolatedCore

/// Readings in which every family has a sample.
enum SampleReadings {
  static func tenant(_ host: FakeIOHost, _ name: String) throws -> TenantSnapshot {
    let group = try host.group("tenants/\(name)")
    for (file, text) in files { host.put(text, "groups/tenants/\(name)/\(file)") }
    return TenantSnapshot(running: name, group: group)
  }

  private static let pressure =
    "some avg10=0.12 avg60=1.34 avg300=0.56 total=4000000\nfull avg10=0.00 avg60=0.12 avg300=0.05 total=1500000\n"

  static let files: [(name: String, text: String)] = [
    (
      "cpu.stat",
      "usage_usec 3000000\nuser_usec 2000000\nsystem_usec 1000000\nnr_periods 50\nnr_throttled 5\n"
        + "throttled_usec 250000\n"
    ),
    ("memory.current", "1048576\n"), ("memory.peak", "2097152\n"), ("memory.swap.current", "4096\n"),
    ("memory.events", "low 1\nhigh 2\nmax 3\noom 4\noom_kill 5\noom_group_kill 6\n"), ("pids.current", "17\n"),
    ("io.stat", "259:3 rbytes=4096 wbytes=8192 rios=1 wios=2 dbytes=512 dios=3\n"),
    ("cpu.pressure", pressure), ("memory.pressure", pressure), ("io.pressure", pressure),
  ]

  static func report(_ name: String) -> IOControlLoop.Report {
    var totals = LatencyTotals()
    totals.record(900_000, count: 10)
    totals.record(9_000_000_000, count: 1)
    var latency = IOMeasures.Latency(operation: .read, totals: totals)
    latency.windowsMet = 8
    latency.windowsMissed = 2
    var ticks = DurationHistogram.ticks
    ticks.record(nanoseconds: 30_000)
    let promise = Promise(
      tenant: name, reservation: PromisedRates(together: PromisedRate(operations: 300)),
      limit: PromisedRates(read: PromisedRate(bytes: 83_886_080)), weight: 500,
      targets: [LatencyTarget(.read, latency: 5_000_000), LatencyTarget(.syncWrite, latency: 20_000_000)])
    var counters = IOMeasures.TenantCounters()
    counters.heldNanoseconds = 1_500_000_000
    counters.reservationMet = 9
    counters.reservationMissed = 1
    var report = IOControlLoop.Report()
    report.measures.disks = [
      .init(
        disk: FakeIOHost.disk, ticks: ticks, missedTicks: 3, decisions: ["share": 4],
        tenants: [.init(name: name, promise: promise, counters: counters, latencies: [latency])])
    ]
    let figures = IOLatencyFigures(
      operation: .read, samples: 11, p50Usec: 900, p99Usec: 9000, p999Usec: 9000, waitP99Usec: 0, targetUsec: 5000,
      kept: 0.8)
    report.disks = [
      IODisk(
        number: "259:3", name: "nvme0n1", mechanism: "io.max", phase: .cruise, reason: "because", capacity: 0.97,
        rate: 0.9, used: 0.55, inFlight: 3, readOperations: 1, writeOperations: 2, readBytes: 3, writeBytes: 4,
        tickUsec: 8000,
        tenants: [
          IOTenant(
            name: name, weight: 500, reserved: 0.3, readOperations: 1, writeOperations: 2, readBytes: 3, writeBytes: 4,
            used: 0.2, granted: 0.4, state: .share, reason: "because", heldShare: 0.5, latencies: [figures])
        ])
    ]
    return report
  }

  static func all(_ host: FakeIOHost) throws -> ScrapeReadings {
    let collector = TenantCollector(mostKept: 100)
    let tenant = try tenant(host, "web")
    let measures = DaemonMeasures()
    var times = SpawnTimes()
    for stage in DaemonMeasures.Stage.allCases { times.end(stage) }
    measures.spawned(times)
    measures.failed(.memoryRefused)
    measures.failed(.tenantExists)
    measures.ended(.outOfMemory)
    var supervisor = SupervisorSnapshot(tenants: [tenant])
    supervisor.memory = (sellable: 1000, reserved: 100, maximum: 500)
    return ScrapeReadings(
      supervisor: supervisor, tenants: collector.collect([tenant]), io: report("web"), sold: ["nvme0n1": 0.3],
      daemon: measures.snapshot, process: ProcessReadings(start: 12.5), scrapeErrors: ["cpu.stat": 1],
      scrapeNanoseconds: 1000)
  }
}
