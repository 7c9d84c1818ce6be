import CgroupKit
import ControlProtocol
import Faults

extension Supervisor {
  /// Tells whoever listens that something happened to a tenant. It never waits.
  ///
  /// - Parameters:
  ///   - name: the tenant's name; of an unknown one nothing is told.
  ///   - describe: fills in the members that this kind of event has.
  func publish(_ kind: TenantEvent.Kind, of name: String, _ describe: (inout TenantEvent) -> Void = { _ in }) {
    guard let owner = tenants[name]?.record.owner else { return }
    var event = TenantEvent(timeUsec: WallClock.microseconds(), event: kind, tenant: name)
    describe(&event)
    parts.events.publish(event, owner: owner)
  }

  func events(_ request: Events.Request, peer: ControlPeer) async throws(Fault) -> TenantEventStream {
    let stream = parts.events.listen(
      to: request.tenants, owner: peer.uid == 0 ? nil : peer.uid, since: request.sinceUsec)
    for name in tenants.keys { watchLimits(of: name) }
    return stream
  }

  /// A tenant's command runs, for the first time or again.
  func publishStart(of name: String) {
    guard let tenant = tenants[name] else { return }
    publish(tenant.record.isStartedAgain ? .restarted : .spawned, of: name) { event in
      event.pid = Int(tenant.record.pid)
      event.count = tenant.record.isStartedAgain ? tenant.record.restart?.inARow : nil
    }
    // Without health checks nothing says when it does its work.
    if tenant.health == nil { publish(.ready, of: name) }
    watchLimits(of: name)
  }

  /// A tenant has ended.
  ///
  /// - Parameter next: what its policy's `restart` makes of it.
  func publishEnd(of name: String, _ exit: Exit, _ usage: ResourceSummary, _ next: String?) {
    publish(.exited, of: name) { event in
      event.exit = exit
      event.text = next
      event.usage = usage
    }
  }

  /// What a tenant has used, read before its group goes. Tells the OOM kills that nobody has told yet, too.
  func usage(of tenant: Tenant, _ exit: Exit) -> ResourceSummary {
    var summary = ResourceSummary(cpuUsec: 0, lifetimeUsec: exit.durationUsec)
    guard let group = tenant.group else { return summary }
    let controllers = parts.groups.controllers
    let usage = GroupUsage(of: group, controllers: controllers)
    summary.cpuUsec = Int(clamping: usage.cpuMicroseconds)
    if controllers.contains(.memory) {
      summary.memoryPeakBytes = (try? group.memory.peak.read()).map { Int(clamping: $0.rawValue) }
      if let kills = try? group.memory.events.read().oomKill { noteKills(kills, of: tenant.record.name) }
    }
    if controllers.contains(.io) {
      summary.ioReadBytes = Int(clamping: usage.readBytes)
      summary.ioWriteBytes = Int(clamping: usage.writtenBytes)
    }
    return summary
  }

  /// Tells the OOM kills of a tenant that haven't been told.
  ///
  /// - Parameter total: how many there have been.
  func noteKills(_ total: UInt64, of name: String) {
    guard let told = tenants[name]?.oomKillsTold, total > told else { return }
    tenants[name]?.oomKillsTold = total
    publish(.outOfMemory, of: name) { $0.count = Int(clamping: total - told) }
  }
}
