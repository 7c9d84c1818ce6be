import IOQoS

/// What exporters are told.
extension ScheduledDisk {
  /// The disk's counters and its tenants'; the host's own groups are nobody's tenants.
  func measures() -> IOMeasures.Disk {
    var measures = IOMeasures.Disk(
      disk: disk, ticks: tickDurations, missedTicks: missedTicks, decisions: decisions)
    measures.tenants.reserveCapacity(tenants.count)
    for case let tenant? in tenants where !tenant.isHost {
      measures.tenants.append(
        .init(
          name: tenant.name, promise: tenant.promise(on: disk.number),
          counters: tenant.counters[disk.number] ?? .init(),
          latencies: tenant.latencies.totals(on: disk.number)))
    }
    return measures
  }

  /// The word for what bounds a tenant, of a list that doesn't grow with anything.
  static func bound(_ state: TenantState, isAtOwnLimit: Bool) -> String {
    switch state.share {
    case .released: isAtOwnLimit ? "limit" : "free"
    case .standing: "standing"
    case .held(_, because: .limit): "limit"
    case .held(_, because: .reservationsScaled): "reservation-scaled"
    case .held(_, because: .share): "share"
    case .held(_, because: .demand): "demand"
    }
  }
}
