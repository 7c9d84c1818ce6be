import CgroupKit
import ControlProtocol
import Glibc
import IOQoS
import IOSensor

/// The status page's data.
extension ScrapeReadings {
  /// - Parameters:
  ///   - rates: of earlier looks.
  ///   - time: now, of the monotonic clock.
  ///   - warnings: what weakens the promises of the disk of a number.
  func status(rates: StatusRates, at time: Int64, warnings: (String) -> [String]) -> StatusDocument {
    let now = Double(WallClock.microseconds()) / 1e6
    let onDisks = Dictionary(grouping: tenantsOnDisks) { $0.measures.name }
    let living = Dictionary(tenants.map { ($0.snapshot.name, $0) }) { _, last in last }
    return StatusDocument(
      version: isolatedVersion, host: Self.hostName, time: now, uptimeSeconds: process.start.map { max(0, now - $0) },
      memory: .init(
        sellableBytes: supervisor.memory.sellable, reservedBytes: supervisor.memory.reserved,
        maximumBytes: supervisor.memory.maximum),
      tenants: supervisor.tenants.sorted { $0.name < $1.name }.map { snapshot in
        var tenant = StatusDocument.Tenant(snapshot)
        if let collected = living[snapshot.name] { tenant.add(collected, rates, at: time) }
        tenant.io = (onDisks[snapshot.name] ?? []).compactMap { StatusDocument.IO($0) }
        return tenant
      },
      disks: io.disks.map { StatusDocument.Disk($0, sold: sold[$0.name], warnings: warnings($0.number)) })
  }

  private static var hostName: String {
    var name = utsname()
    uname(&name)
    return withUnsafeBytes(of: &name.nodename) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}

extension StatusDocument.Tenant {
  fileprivate init(_ snapshot: TenantSnapshot) {
    self.init(
      name: snapshot.name, state: snapshot.state, policy: snapshot.policy,
      since: Double(snapshot.startedMicroseconds) / 1e6, exit: snapshot.exit?.cause.rawValue,
      restarts: snapshot.restarts, health: snapshot.health)
    guard snapshot.exit == nil else { return }
    memoryMax = snapshot.maximumMemory
    memoryMin = snapshot.reservedMemory > 0 ? snapshot.reservedMemory : nil
    pidsMax = snapshot.limit("pids.max").flatMap { UInt64($0) }
  }

  fileprivate mutating func add(_ tenant: CollectedTenant, _ rates: StatusRates, at time: Int64) {
    let readings = tenant.readings
    memoryBytes = readings.memory
    oomKills = readings.memoryEvents?.oomKill
    pids = readings.pids
    cpuPercent = rates.percent(tenant, at: time) { $0.cpu?.usage.rawValue }
    cpuThrottledPercent = rates.percent(
      tenant, of: { $0.cpu?.throttledPeriods?.rawValue }, in: { $0.cpu?.periods?.rawValue })
    func pressure(_ resource: PressureResource) -> Double? {
      rates.percent(tenant, at: time) { readings in
        readings.pressures.first { $0.resource == resource }?.pressure.some?.total.rawValue
      }
    }
    cpuPressurePercent = pressure(.cpu)
    memoryPressurePercent = pressure(.memory)
    ioPressurePercent = pressure(.io)
  }
}

extension StatusDocument.IO {
  fileprivate init?(_ row: TenantOnDisk) {
    guard let status = row.status else { return nil }
    let (promise, counters) = (row.measures.promise, row.measures.counters)
    func text(_ rates: PromisedRates) -> String? { rates.isEmpty ? nil : Wording.rates(rates) }
    let seconds = counters.reservationMet + counters.reservationMissed
    self.init(
      device: row.disk.name, reservation: text(promise.reservation), limit: text(promise.limit),
      weight: promise.weight, readOperations: status.readOperations, writeOperations: status.writeOperations,
      readBytes: status.readBytes, writeBytes: status.writeBytes, used: status.used, granted: status.granted,
      reserved: status.reserved,
      attained: seconds > 0 ? Double(counters.reservationMet) / Double(seconds) : nil, state: status.state.rawValue,
      heldBack: status.heldShare, reason: status.reason)
    latencies = status.latencies.map { StatusDocument.Latency($0, row.measures) }
  }
}

extension StatusDocument.Latency {
  fileprivate init(_ figures: IOLatencyFigures, _ tenant: IOMeasures.Tenant) {
    self.init(
      operation: figures.operation.rawValue, samples: figures.samples, p50Microseconds: figures.p50Usec,
      p99Microseconds: figures.p99Usec, targetMicroseconds: figures.targetUsec)
    guard let target = tenant.promise.targets.first(where: { $0.operation.word == operation }) else { return }
    targetPercentile = target.percentile
    let counted = tenant.latencies.first { $0.operation.word == operation }
    windowsMet = counted?.windowsMet
    windowsMissed = counted?.windowsMissed
  }
}

extension StatusDocument.Disk {
  fileprivate init(_ disk: IODisk, sold: Double?, warnings: [String]) {
    self.init(
      name: disk.name, number: disk.number, phase: disk.phase.rawValue, reason: disk.reason, capacity: disk.capacity,
      rate: disk.rate, used: disk.used, reserved: sold, inFlight: disk.inFlight, readOperations: disk.readOperations,
      writeOperations: disk.writeOperations, readBytes: disk.readBytes, writeBytes: disk.writeBytes,
      warnings: disk.warnings + warnings)
  }
}
