import CgroupKit
import Faults

/// The host's own groups, and what an earlier daemon left behind.
extension IOControlLoop {
  /// What the host is promised as a whole: a part of each disk, and a weight.
  private static let hostPart = 0.05
  private static let hostWeight = 100

  /// The host's own groups are neighbours too. They come and go, with users who log in for instance.
  mutating func adoptHostGroups() {
    guard let top = places.top, !disks.isEmpty else { return }
    let present: Set<String>
    do throws(Fault) {
      present = Set(try HostGroups.present(in: top, besides: places.tenants).map { "/" + $0 })
    } catch {
      say("host groups", "cannot list the host's own groups", error)
      return
    }
    for host in tenants.values where host.isHost && (host.isGone || !present.contains(host.name)) {
      for disk in disks.values { disk.giveBack(host, report: reporter) }
      remove(host)
    }
    for name in present where tenants[name] == nil {
      do throws(Fault) {
        add(
          try ScheduledTenant(
            name: name, group: try top.child(String(name.dropFirst())), isHost: true, assignments: []))
      } catch let error where error.code == .groupGone || error.code == .noSuchGroup {
        continue
      } catch {
        say(name, "cannot take a group of the host in", error)
      }
    }
    shareAmongHosts()
    for disk in disks.values { fill(disk) }
  }

  /// Splits what the host is promised among its groups. Who has another part than before begins anew, under the limits
  /// that stand.
  private func shareAmongHosts() {
    let hosts = tenants.values.filter(\.isHost)
    guard !hosts.isEmpty else { return }
    let share = ScheduledTenant.HostShare(
      reserved: Self.hostPart / Double(hosts.count), weight: max(1, Self.hostWeight / hosts.count))
    for host in hosts where host.hostShare != share {
      host.hostShare = share
      for disk in disks.values { disk.end(host) }
    }
  }

  /// Takes back what an earlier daemon left on disks that nobody schedules any more: lines in the tenants' `io.max`, of
  /// which a tenant without a promise has none of its own, and in the host's.
  mutating func takeBackLeftovers() {
    for tenant in tenants.values where !tenant.isHost && !tenant.isGone {
      do throws(Fault) {
        for line in try tenant.lines() where disks[line.device] == nil {
          try tenant.write(.none, on: line.device)
        }
      } catch {
        reporter(tenant, error)
      }
    }
    guard let top = places.top else { return }
    do throws(Fault) {
      for kept in try hosts.kept() where disks[kept.disk] == nil {
        do throws(Fault) {
          if let group = try top.childIfPresent(kept.group) {
            try group.io.max.write(try hosts.limits(of: kept.group, on: kept.disk, present: .none).line(on: kept.disk))
          }
        } catch let error where error.code == .groupGone || error.code == .noSuchDevice {
          // Its line went with it.
        }
        try hosts.forget(kept.group, on: kept.disk)
      }
    } catch {
      say("host limits", "cannot give the host its own limits back", error)
    }
  }
}
