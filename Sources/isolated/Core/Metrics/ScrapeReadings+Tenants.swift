import CgroupKit

/// The families of tenants' groups.
extension ScrapeReadings {
  func writeTenants(_ writer: inout ExpositionWriter, _ devices: inout DeviceNames) {
    write(&writer, Metrics.tenantStart) { .microseconds(UInt64(max(0, $0.snapshot.startedMicroseconds))) }
    writer.begin(Metrics.tenantState)
    for tenant in tenants { writer.sample(tenant.labels, MetricLabels("state", tenant.snapshot.state), .whole(1)) }
    writeRestarts(&writer)
    writer.begin(Metrics.tenantHealth)
    for tenant in tenants {
      guard let health = tenant.snapshot.health else { continue }
      writer.sample(tenant.labels, MetricLabels("status", health), .whole(1))
    }
    writeProcessor(&writer)
    writeMemory(&writer)
    write(&writer, Metrics.pids) { $0.readings.pids.map { .whole($0) } }
    write(&writer, Metrics.pidsMax) { $0.snapshot.limit("pids.max").flatMap { UInt64($0) }.map { .whole($0) } }
    writePressures(&writer)
    writeIO(&writer, &devices)
  }

  /// Also of those that wait for their next start, and so have no group that could be read.
  private func writeRestarts(_ writer: inout ExpositionWriter) {
    let waiting = supervisor.tenants.filter { $0.state == "backing-off" }.sorted { $0.name < $1.name }
    for tenant in waiting {
      writer.sample(MetricLabels("tenant", tenant.name), MetricLabels("state", tenant.state), .whole(1))
    }
    writer.begin(Metrics.tenantRestarts)
    for tenant in tenants.map(\.snapshot) + waiting {
      guard let restarts = tenant.restarts else { continue }
      writer.sample(MetricLabels("tenant", tenant.name), .none, .whole(UInt64(clamping: restarts)))
    }
  }

  private func write(
    _ writer: inout ExpositionWriter, _ family: MetricFamily, _ value: (CollectedTenant) -> MetricValue?
  ) {
    writer.begin(family)
    for tenant in tenants {
      if let value = value(tenant) { writer.sample(tenant.labels, .none, value) }
    }
  }

  private func writeProcessor(_ writer: inout ExpositionWriter) {
    write(&writer, Metrics.cpuUsage) { $0.readings.cpu.map { .microseconds($0.usage.rawValue) } }
    writer.begin(Metrics.cpuMode)
    let (user, system) = (MetricLabels("mode", "user"), MetricLabels("mode", "system"))
    for tenant in tenants {
      guard let cpu = tenant.readings.cpu else { continue }
      writer.sample(tenant.labels, user, .microseconds(cpu.user.rawValue))
      writer.sample(tenant.labels, system, .microseconds(cpu.system.rawValue))
    }
    write(&writer, Metrics.cpuLimit) { $0.snapshot.processors.map { .real($0) } }
    write(&writer, Metrics.cpuPeriods) { $0.readings.cpu?.periods.map { .whole($0.rawValue) } }
    write(&writer, Metrics.cpuThrottledPeriods) { $0.readings.cpu?.throttledPeriods.map { .whole($0.rawValue) } }
    write(&writer, Metrics.cpuThrottled) { $0.readings.cpu?.throttled.map { .microseconds($0.rawValue) } }
  }

  private func writeMemory(_ writer: inout ExpositionWriter) {
    write(&writer, Metrics.memoryCurrent) { $0.readings.memory.map { .whole($0) } }
    write(&writer, Metrics.memoryPeak) { $0.readings.memoryPeak.map { .whole($0) } }
    write(&writer, Metrics.memorySwap) { $0.readings.swap.map { .whole($0) } }
    write(&writer, Metrics.memoryMin) {
      $0.snapshot.reservedMemory > 0 ? .whole($0.snapshot.reservedMemory) : nil
    }
    write(&writer, Metrics.memoryMax) { .whole($0.snapshot.maximumMemory) }
    writer.begin(Metrics.memoryEvents)
    let names: [(MetricLabels, (MemoryEvents) -> UInt64?)] = [
      (MetricLabels("event", "low"), { $0.low }), (MetricLabels("event", "high"), { $0.high }),
      (MetricLabels("event", "max"), { $0.max }), (MetricLabels("event", "oom"), { $0.oom }),
      (MetricLabels("event", "oom_kill"), { $0.oomKill }),
      (MetricLabels("event", "oom_group_kill"), { $0.oomGroupKill }),
    ]
    for tenant in tenants {
      guard let events = tenant.readings.memoryEvents else { continue }
      for (label, count) in names {
        if let count = count(events) { writer.sample(tenant.labels, label, .whole(count)) }
      }
    }
  }

  private func writePressures(_ writer: inout ExpositionWriter) {
    let labels = PressureResource.allCases.reduce(into: [PressureResource: MetricLabels]()) {
      $0[$1] = MetricLabels("resource", $1.rawValue)
    }
    func write(_ family: MetricFamily, _ line: KeyPath<Pressure, Pressure.Line?>) {
      writer.begin(family)
      for tenant in tenants {
        for (resource, pressure) in tenant.readings.pressures {
          guard let line = pressure[keyPath: line], let label = labels[resource] else { continue }
          writer.sample(tenant.labels, label, .microseconds(line.total.rawValue))
        }
      }
    }
    write(Metrics.pressureWaiting, \.some)
    write(Metrics.pressureStalled, \.full)
  }

  private func writeIO(_ writer: inout ExpositionWriter, _ devices: inout DeviceNames) {
    let operations = ["read", "write", "discard"].map { MetricLabels("operation", $0) }
    func write(_ family: MetricFamily, _ values: (IODeviceStat) -> [UInt64?]) {
      writer.begin(family)
      for tenant in tenants {
        for stat in tenant.readings.io {
          let labels = tenant.labels.adding(devices.label(stat.device))
          for (operation, value) in zip(operations, values(stat)) {
            if let value { writer.sample(labels, operation, .whole(value)) }
          }
        }
      }
    }
    write(Metrics.ioBytes) { [$0.rbytes?.rawValue, $0.wbytes?.rawValue, $0.dbytes?.rawValue] }
    write(Metrics.ioOperations) { [$0.rios?.rawValue, $0.wios?.rawValue, $0.dios?.rawValue] }
  }
}

extension TenantSnapshot {
  /// Processors that the tenant may use; nil without a limit.
  var processors: Double? {
    guard let words = limit("cpu.max")?.split(separator: " "), words.count == 2, let quota = Double(words[0]),
      let period = Double(words[1]), period > 0
    else { return nil }
    return quota / period
  }
}
