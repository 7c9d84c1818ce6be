import ControlProtocol

/// A living tenant on a disk under the scheduler: what was counted of it, and how it stands.
final class TenantOnDisk {
  let disk: IOAssignment.Disk
  /// `tenant="…",device="…"`.
  let labels: MetricLabels
  let measures: IOMeasures.Tenant
  let status: IOTenant?

  init(disk: IOAssignment.Disk, labels: MetricLabels, measures: IOMeasures.Tenant, status: IOTenant?) {
    self.disk = disk
    self.labels = labels
    self.measures = measures
    self.status = status
  }
}

extension ScrapeReadings {
  /// All, disk by disk.
  var tenantsOnDisks: [TenantOnDisk] {
    guard !io.measures.disks.isEmpty else { return [] }
    let labels = Dictionary(tenants.map { ($0.snapshot.name, $0.labels) }) { _, last in last }
    return io.measures.disks.flatMap { disk in
      let device = MetricLabels("device", disk.disk.name)
      let known = io.disks.first { $0.number == "\(disk.disk.number)" }?.tenants ?? []
      let status = Dictionary(known.map { ($0.name, $0) }) { _, last in last }
      return disk.tenants.compactMap { tenant in
        labels[tenant.name].map {
          TenantOnDisk(
            disk: disk.disk, labels: $0.adding(device), measures: tenant, status: status[tenant.name])
        }
      }
    }
  }
}
