import Faults

extension DocumentDecoder {
  /// `cpu`.
  func cpuPolicy(_ top: StrictMapping) -> CPUPolicy {
    var cpu = CPUPolicy(
      weight: nil, idle: Positioned(false), max: nil, burst: nil, cpus: nil,
      uclamp: CPUPolicy.UtilizationClamp(min: nil, max: nil), coreScheduling: Positioned(false))
    guard let mapping = mapping("cpu", in: top) else { return cpu }
    cpu.weight = integer("weight", in: mapping, range: 1...10_000)
    cpu.idle = boolean("idle", in: mapping) ?? cpu.idle
    cpu.coreScheduling = boolean("core_scheduling", in: mapping) ?? cpu.coreScheduling
    cpu.max = mapping["max"].flatMap { cpuBandwidth($0) }
    cpu.burst = quantity("burst", in: mapping, as: TimeSpan.self)
    cpu.cpus = quantity("cpus", in: mapping, as: CPUList.self)
    if let clamp = self.mapping("uclamp", in: mapping) {
      cpu.uclamp.min = clampPercentage("min", in: clamp)
      cpu.uclamp.max = clampPercentage("max", in: clamp)
    }
    if let burst = cpu.burst, mapping["max"] == nil {
      report(
        .conflict, "a burst saves up unused quota, and there is no quota", at: burst.position,
        mend: "add max: 100%, for example, or remove the burst")
    }
    return cpu
  }

  private func clampPercentage(_ key: String, in mapping: StrictMapping) -> Positioned<Percentage>? {
    guard let share = quantity(key, in: mapping, as: Percentage.self) else { return nil }
    guard share.value.basisPoints <= 10_000 else {
      report(.outOfRange, "\(share.value) is out of range", at: share.position, mend: "it can be 0% to 100%")
      return nil
    }
    return share
  }

  /// A percentage of one processor, or quota and period.
  private func cpuBandwidth(_ node: DocumentNode) -> Positioned<CPUPolicy.Bandwidth>? {
    let bandwidth: CPUPolicy.Bandwidth
    var quotaPosition = node.position
    if case .mapping = node.content {
      guard let mapping = mapping(node, path: "cpu.max"),
        let quota = required("quota", in: mapping).flatMap({ quantity($0, as: TimeSpan.self) })
      else { return nil }
      let period = quantity("period", in: mapping, as: TimeSpan.self)
      if mapping["period"] != nil, period == nil { return nil }
      bandwidth = CPUPolicy.Bandwidth(
        quota: quota.value, period: period?.value ?? CPUPolicy.Bandwidth.defaultPeriod)
      quotaPosition = quota.position ?? quotaPosition
      // The bounds of kernel/sched/core.c: min_cfs_quota_period and max_cfs_quota_period.
      guard (1000...1_000_000).contains(bandwidth.period.microseconds) else {
        report(
          .outOfRange, "a period of \(bandwidth.period) is out of range", at: period?.position,
          mend: "it can be 1ms to 1s")
        return nil
      }
    } else {
      guard let share = quantity(node, as: Percentage.self) else { return nil }
      // Hundredths of a per cent of 100 ms are 10 µs each.
      let (quota, overflow) = share.value.basisPoints.multipliedReportingOverflow(by: 10)
      bandwidth = CPUPolicy.Bandwidth(
        quota: TimeSpan(microseconds: overflow ? .max : quota), period: CPUPolicy.Bandwidth.defaultPeriod)
    }
    guard bandwidth.quota.microseconds >= 1000 else {
      report(
        .outOfRange, "a quota of \(bandwidth.quota) in each period is less than the kernel takes",
        at: quotaPosition, mend: "give at least 1ms in each period, which is 1% of the usual 100ms")
      return nil
    }
    // A quota of more processors than a list can name is no limit at all, and the kernel bounds it
    // (max_bw_quota_period).
    guard bandwidth.quota.microseconds / bandwidth.period.microseconds <= UInt64(CPUList.highest) + 1 else {
      report(
        .outOfRange, "the quota is more than \(CPUList.highest + 1) processors", at: quotaPosition,
        mend: "leave \"max\" out for no limit")
      return nil
    }
    return Positioned(bandwidth, at: node.position)
  }
}
