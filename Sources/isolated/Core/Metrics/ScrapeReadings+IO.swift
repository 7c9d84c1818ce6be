import ControlProtocol
import IOQoS
import IOSensor

/// The families of the IO loop.
extension ScrapeReadings {
  private typealias Row = TenantOnDisk

  func writeTenantIO(_ writer: inout ExpositionWriter) {
    let rows = tenantsOnDisks
    writeLatencies(&writer, rows)
    writePromises(&writer, rows)
    func write(_ family: MetricFamily, _ value: (Row) -> MetricValue?) {
      writer.begin(family)
      for row in rows { if let value = value(row) { writer.sample(row.labels, .none, value) } }
    }
    write(Metrics.ioHeld) { .nanoseconds($0.measures.counters.heldNanoseconds) }
    write(Metrics.ioWeight) { .whole(UInt64(max(0, $0.measures.promise.weight))) }
    write(Metrics.ioReserved) { $0.status.map { .real($0.reserved) } }
    write(Metrics.ioUsed) { $0.status.map { .real($0.used) } }
    write(Metrics.ioGranted) { $0.status?.granted.map { .real($0) } }
  }

  private func writeLatencies(_ writer: inout ExpositionWriter, _ rows: [Row]) {
    let operations = IOSensor.IOOperation.allCases.reduce(into: [IOSensor.IOOperation: MetricLabels]()) {
      $0[$1] = MetricLabels("operation", $1.word)
    }
    func each(_ family: MetricFamily, _ body: (Row, MetricLabels, IOMeasures.Latency) -> Void) {
      writer.begin(family)
      for row in rows {
        for latency in row.measures.latencies { body(row, operations[latency.operation] ?? .none, latency) }
      }
    }
    each(Metrics.ioLatency) { row, operation, latency in
      writer.histogram(
        row.labels, operation, bounds: LatencyTotals.bounds, counts: latency.totals.counts,
        sum: .nanoseconds(latency.totals.nanoseconds(in: .total)))
    }
    let phases: [(IOPhase, String)] = [(.held, "held"), (.queue, "queue"), (.device, "device")]
    each(Metrics.ioPhase) { row, operation, latency in
      for (phase, word) in phases {
        writer.sample(
          row.labels, operation.adding("phase", word), .nanoseconds(latency.totals.nanoseconds(in: phase)))
      }
    }
    let (met, missed) = (MetricLabels("result", "met"), MetricLabels("result", "missed"))
    each(Metrics.ioWindows) { row, operation, latency in
      guard LatencyLedger.target(of: row.measures.promise, latency.operation) != nil else { return }
      writer.sample(row.labels, operation.adding(met), .whole(latency.windowsMet))
      writer.sample(row.labels, operation.adding(missed), .whole(latency.windowsMissed))
    }
  }

  private func writePromises(_ writer: inout ExpositionWriter, _ rows: [Row]) {
    func targets(_ family: MetricFamily, _ value: (LatencyTarget) -> MetricValue) {
      writer.begin(family)
      for row in rows {
        var said: Set<IOQoS.IOOperation> = []
        for target in row.measures.promise.targets where said.insert(target.operation).inserted {
          writer.sample(row.labels, MetricLabels("operation", target.operation.word), value(target))
        }
      }
    }
    targets(Metrics.ioTarget) { .nanoseconds(UInt64(max(0, $0.latency))) }
    targets(Metrics.ioTargetRatio) { .real($0.percentile) }
    writer.begin(Metrics.ioReservationWindows)
    let (met, missed) = (MetricLabels("result", "met"), MetricLabels("result", "missed"))
    for row in rows where !row.measures.promise.reservation.isEmpty || row.measures.promise.reservedShare > 0 {
      writer.sample(row.labels, met, .whole(row.measures.counters.reservationMet))
      writer.sample(row.labels, missed, .whole(row.measures.counters.reservationMissed))
    }
  }

  func writeDisks(_ writer: inout ExpositionWriter) {
    func each(_ family: MetricFamily, _ value: (IODisk) -> MetricValue?) {
      writer.begin(family)
      for disk in io.disks {
        if let value = value(disk) { writer.sample(MetricLabels("device", disk.name), .none, value) }
      }
    }
    each(Metrics.diskCapacity) { $0.capacity.map { .real($0) } }
    each(Metrics.diskRate) { $0.rate.map { .real($0) } }
    each(Metrics.diskUsed) { .real($0.used) }
    writer.begin(Metrics.diskReserved)
    for (name, share) in sold.sorted(by: { $0.key < $1.key }) {
      writer.sample(MetricLabels("device", name), .none, .real(share))
    }
    each(Metrics.diskInFlight) { .whole(UInt64(max(0, $0.inFlight))) }
    writer.begin(Metrics.diskPhase)
    for disk in io.disks {
      writer.sample(MetricLabels("device", disk.name), MetricLabels("phase", disk.phase.rawValue), .whole(1))
    }
    each(Metrics.diskSensor) { .whole($0.sensor == nil ? 1 : 0) }
    writer.begin(Metrics.ioTick)
    for disk in io.measures.disks { writer.histogram(MetricLabels("device", disk.disk.name), disk.ticks) }
    writer.begin(Metrics.ioTicksMissed)
    for disk in io.measures.disks {
      writer.sample(MetricLabels("device", disk.disk.name), .none, .whole(disk.missedTicks))
    }
    writer.begin(Metrics.ioDecisions)
    for disk in io.measures.disks {
      let device = MetricLabels("device", disk.disk.name)
      for (reason, count) in disk.decisions.sorted(by: { $0.key < $1.key }) {
        writer.sample(device, MetricLabels("reason", reason), .whole(count))
      }
    }
  }
}

extension IOSensor.IOOperation {
  /// The word for it in labels.
  var word: String {
    switch self {
    case .read: "read"
    case .syncWrite: "sync_write"
    case .write: "write"
    case .discard: "discard"
    case .flush: "flush"
    }
  }
}

extension IOQoS.IOOperation {
  /// The word for it in labels.
  var word: String {
    switch self {
    case .read: "read"
    case .write: "write"
    case .syncWrite: "sync_write"
    }
  }
}
