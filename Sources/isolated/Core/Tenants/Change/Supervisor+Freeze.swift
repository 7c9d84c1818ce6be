import CgroupKit
import ControlProtocol
import Faults
import Kernel

extension Fault.Code {
  /// A tenant's processes didn't come to stand in time; they run on.
  public static let freezeTimedOut: Self = "tenant.freeze-timed-out"
}

extension Supervisor {
  /// How often the processes are waited for, and how long each time. In between, a tenant that is to end is let go.
  private static let freezePatience = (times: 50, each: Duration.milliseconds(200))

  func freeze(_ request: ControlProtocol.TenantName, peer: ControlPeer) async throws(Fault) {
    _ = try tenant(request.name, for: peer)
    try await inTurn(request.name) { () async throws(Fault) in
      let tenant = try runningTenant(request.name, for: peer)
      guard !tenant.isFrozen, let group = tenant.group else { return }
      pauseHealth(of: request.name)
      do throws(Fault) {
        try group.freezing.write(true)
        try await untilFrozen(request.name, group)
      } catch {
        defer { resumeHealth(of: request.name) }
        try group.freezing.write(false)
        throw error
      }
      tenants[request.name]?.isFrozen = true
      publish(.frozen, of: request.name)
      parts.log.info("frozen", metadata: ["tenant": "\(request.name)", "by": "\(peer.uid)"])
    }
  }

  func thaw(_ request: ControlProtocol.TenantName, peer: ControlPeer) async throws(Fault) {
    _ = try tenant(request.name, for: peer)
    try await inTurn(request.name) { () async throws(Fault) in
      guard try runningTenant(request.name, for: peer).isFrozen else { return }
      try thaw(request.name)
      parts.log.info("thawed", metadata: ["tenant": "\(request.name)", "by": "\(peer.uid)"])
    }
  }

  /// Lets a tenant's processes run again, if they are frozen.
  func thaw(_ name: String) throws(Fault) {
    guard let tenant = tenants[name], tenant.isFrozen, let group = tenant.group else { return }
    try group.freezing.write(false)
    tenants[name]?.isFrozen = false
    publish(.thawed, of: name)
    resumeHealth(of: name)
  }

  /// Lets a tenant hear that it is to end. Where that fails, the kill after the grace needs no thaw.
  func thawToEnd(_ name: String) {
    do throws(Fault) {
      try thaw(name)
    } catch {
      parts.log.error("cannot thaw a tenant that is to end", metadata: ["tenant": "\(name)", "fault": "\(error)"])
    }
  }

  /// Whether a group is to stand still, which outlives a daemon.
  static func isFrozen(_ group: Cgroup?) -> Bool {
    guard let freezing = group?.freezing, let value = try? freezing.read() else { return false }
    return value.isOn
  }

  /// A tenant that runs and isn't about to end.
  func runningTenant(_ name: String, for peer: ControlPeer) throws(Fault) -> Tenant {
    let tenant = try tenant(name, for: peer)
    guard case .running = tenant.phase else {
      throw Fault(
        .wrongTenantState, "the tenant '\(name)' does not run: its state is \(tenant.state)",
        mend: tenant.isBackingOff
          ? "it is started again by itself, which `isoctl events` tells; `isoctl stop` ends it"
          : "`isoctl ps` tells what runs")
    }
    return tenant
  }

  private func untilFrozen(_ name: String, _ group: Cgroup) async throws(Fault) {
    for _ in 0..<Self.freezePatience.times {
      let stands = try await group.isFrozen(within: Self.freezePatience.each)
      // Whoever has asked for its end meanwhile found nothing to thaw.
      guard case .running? = tenants[name]?.phase else {
        throw Fault(.wrongTenantState, "the tenant '\(name)' is being stopped")
      }
      if stands { return }
    }
    let stuck = ((try? group.processes()) ?? []).filter { ProcessFacts.isUninterruptible($0) }
    let who =
      stuck.isEmpty ? "" : ": " + stuck.prefix(5).map { "\($0)" }.joined(separator: ", ") + " can't be interrupted"
    throw Fault(
      .freezeTimedOut, "not all processes of '\(name)' came to stand within 10 s\(who); they all run on",
      path: group.path + "/cgroup.freeze", mend: "they wait for a disk or a file server; try again later")
  }
}
