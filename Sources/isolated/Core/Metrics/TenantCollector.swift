import CgroupKit

/// A tenant that lives, with what its group said. A class, since the families walk all of them one after another.
final class CollectedTenant: Sendable {
  let snapshot: TenantSnapshot
  /// `tenant="…"`.
  let labels: MetricLabels
  let readings: TenantReadings

  init(snapshot: TenantSnapshot, labels: MetricLabels, readings: TenantReadings) {
    self.snapshot = snapshot
    self.labels = labels
    self.readings = readings
  }
}

/// Reads the tenants' groups, and keeps files open from one scrape to the next.
///
/// Confined to the scrape's thread.
package final class TenantCollector {
  private var files: [String: (files: TenantFiles, labels: MetricLabels)] = [:]
  private var context: ScrapeContext

  /// - Parameter mostKept: how many descriptors may be kept; beyond, files are opened for each read.
  package init(mostKept: Int) { context = ScrapeContext(mostKept: mostKept) }

  /// Reads that failed so far, by the file's name.
  var errors: [String: UInt64] { context.errors }

  /// Descriptors that are kept.
  var kept: Int { context.kept }

  /// Reads the groups of those who live; who ends meanwhile is left out.
  func collect(_ tenants: [TenantSnapshot]) -> [CollectedTenant] {
    var collected: [CollectedTenant] = []
    collected.reserveCapacity(tenants.count)
    var living: [String: (files: TenantFiles, labels: MetricLabels)] = [:]
    living.reserveCapacity(tenants.count)
    for tenant in tenants {
      guard let group = tenant.group else { continue }
      let known = files[tenant.name]
      // A later tenant of that name has a group of its own.
      let own = known.flatMap { $0.files.group === group ? $0.files : nil } ?? TenantFiles(group)
      let labels = known?.labels ?? MetricLabels("tenant", tenant.name)
      do throws(GroupGone) {
        let readings = try own.read(&context)
        living[tenant.name] = (own, labels)
        collected.append(CollectedTenant(snapshot: tenant, labels: labels, readings: readings))
      } catch {
        continue
      }
    }
    // Those of whom nobody lives any more are closed.
    files = living
    context.kept = living.values.reduce(0) { $0 + $1.files.kept }
    return collected
  }
}
