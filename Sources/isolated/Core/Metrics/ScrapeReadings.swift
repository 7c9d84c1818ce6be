import ControlProtocol

/// All that one exposition tells, as plain values.
struct ScrapeReadings: Sendable {
  var supervisor: SupervisorSnapshot
  var tenants: [CollectedTenant]
  var io: IOControlLoop.Report
  /// What was sold of each disk as reservations, by its name; 1 is the whole disk.
  var sold: [String: Double]
  var daemon: DaemonMeasures.Values
  var process: ProcessReadings
  var scrapeErrors: [String: UInt64]
  var scrapeNanoseconds: UInt64
}

extension ScrapeReadings {
  /// The exposition in one of the formats.
  func exposition(_ format: ExpositionFormat, devices: DeviceNames = DeviceNames(), capacity: Int) -> [UInt8] {
    var writer = ExpositionWriter(format, capacity: capacity)
    var devices = devices
    writeTenants(&writer, &devices)
    writeTenantIO(&writer)
    writeDisks(&writer)
    writeDaemon(&writer)
    writeProcess(&writer)
    return writer.finish()
  }

  private func writeDaemon(_ writer: inout ExpositionWriter) {
    let created = process.start
    writer.write(Metrics.build, MetricLabels("version", isolatedVersion), .whole(1))
    writer.begin(Metrics.tenants)
    for state in ["starting", "running", "frozen", "stopping", "backing-off", "ended"] {
      writer.sample(
        MetricLabels("state", state), .none, .whole(UInt64(supervisor.tenants.count { $0.state == state })))
    }
    writer.write(Metrics.spawns, .none, .whole(daemon.spawned), created: created)
    writer.begin(Metrics.spawnStage)
    for stage in DaemonMeasures.Stage.allCases {
      guard let times = daemon.stages[stage] else { continue }
      writer.histogram(MetricLabels("stage", stage.rawValue), times, created: created)
    }
    writer.write(Metrics.spawnFailures, "reason", daemon.failures, created: created)
    writer.write(
      Metrics.refusals, "reason", daemon.failures.filter { DaemonMeasures.isRefusal($0.key) }, created: created)
    writer.write(Metrics.exits, "cause", daemon.exits, created: created)
    writer.write(Metrics.memorySellable, .none, .whole(supervisor.memory.sellable))
    writer.write(Metrics.memoryReserved, .none, .whole(supervisor.memory.reserved))
    writer.write(Metrics.memoryMaximum, .none, .whole(supervisor.memory.maximum))
    writer.write(Metrics.scrapeErrors, "file", scrapeErrors, created: created)
    writer.write(Metrics.scrapeCPU, .none, .nanoseconds(scrapeNanoseconds), created: created)
  }

  private func writeProcess(_ writer: inout ExpositionWriter) {
    func write(_ family: MetricFamily, _ value: MetricValue?) {
      if let value { writer.write(family, .none, value) }
    }
    write(Metrics.processStart, process.start.map { .real($0) })
    writer.write(Metrics.processCPU, .none, .microseconds(process.cpuMicroseconds), created: process.start)
    write(Metrics.processResident, process.resident.map { .whole($0) })
    write(Metrics.processVirtual, process.virtual.map { .whole($0) })
    write(Metrics.processOpen, process.openDescriptors.map { .whole($0) })
    write(Metrics.processMostOpen, process.mostDescriptors.map { .whole($0) })
  }
}

extension ExpositionWriter {
  /// A family of one sample.
  mutating func write(_ family: MetricFamily, _ labels: MetricLabels, _ value: MetricValue, created: Double? = nil) {
    begin(family)
    sample(labels, .none, value, created: created)
  }

  /// A counter of one label.
  mutating func write(
    _ family: MetricFamily, _ label: StaticString, _ counts: [String: UInt64], created: Double? = nil
  ) {
    begin(family)
    for (value, count) in counts.sorted(by: { $0.key < $1.key }) {
      sample(MetricLabels(label, value), .none, .whole(count), created: created)
    }
  }

  /// Durations.
  mutating func histogram(_ labels: MetricLabels, _ times: DurationHistogram, created: Double? = nil) {
    histogram(
      labels, .none, bounds: times.bounds, counts: times.counts, sum: .nanoseconds(times.nanoseconds), created: created)
  }
}
