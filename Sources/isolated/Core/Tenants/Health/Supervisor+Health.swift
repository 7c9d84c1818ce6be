import ControlProtocol
import Faults
import Glibc
import Kernel
import Policy
import Sandbox

/// A tenant's health while it is followed.
struct TenantHealth: Sendable {
  var policy: HealthPolicy
  var state: HealthState
  /// Whether it was told that the tenant does its work.
  var isReadyTold: Bool
  /// The row of checks that counts. No two rows of any tenants have the same number, so a check that was begun before a
  /// freeze, a change or an end finds that it is no longer asked for.
  var row: UInt64 = 0
}

/// What `health` of a policy asks for: ``HealthState`` decides, this looks and acts. A tenant's checks run one after
/// another, and those of others beside them, so whoever answers slowly delays nobody.
extension Supervisor {
  /// Begins to follow the health of a tenant that runs, from nothing known; without a policy, nothing checks it any more.
  func followHealth(of name: String, by policy: HealthPolicy?, isReadyTold: Bool = false) {
    guard let record = tenants[name]?.record else { return }
    let started = record.startedBootMicroseconds ?? BootClock.microseconds()
    tenants[name]?.health = policy.map {
      TenantHealth(policy: $0, state: HealthState($0, started: started), isReadyTold: isReadyTold)
    }
    resumeHealth(of: name)
  }

  /// Follows the health of a tenant that an earlier daemon has started.
  func followHealth(ofAdopted name: String) {
    guard let source = tenants[name]?.record.source else { return }
    do throws(Fault) {
      followHealth(of: name, by: try parts.library.parse(source).health)
    } catch {
      parts.log.error("cannot follow a tenant's health", metadata: ["tenant": "\(name)", "fault": "\(error)"])
    }
  }

  /// Looks at a tenant no more, for now: what stands still can't answer, and isn't unhealthy for that.
  func pauseHealth(of name: String) {
    lastHealthRow += 1
    tenants[name]?.health?.row = lastHealthRow
    tenants[name]?.healthCommand?.giveUp()
  }

  /// Goes on from what is known of a tenant's health, unless it stands still.
  func resumeHealth(of name: String) {
    pauseHealth(of: name)
    guard let tenant = tenants[name], let health = tenant.health, !tenant.isFrozen else { return }
    // At once: what answers already needs no wait.
    awaitCheck(of: name, row: health.row, wait: 0)
  }

  private func awaitCheck(of name: String, row: UInt64, wait: Int) {
    Task {
      await pause(for: .microseconds(wait), waitingFor: "a health check of \(name)")
      await check(name, row: row)
    }
  }

  private func check(_ name: String, row: UInt64) async {
    guard let tenant = followed(name, row: row), let health = tenant.health, let process = tenant.process
    else { return }
    var outcome: HealthState.Outcome?
    do throws(Fault) {
      outcome = try await look(health.policy, at: name, process, row: row)
    } catch {
      // What the daemon can't do says nothing about the tenant; one that has just ended is told of elsewhere.
      if followed(name, row: row) != nil {
        parts.log.warning("cannot check a tenant's health", metadata: ["tenant": "\(name)", "fault": "\(error)"])
      }
    }
    guard let before = followed(name, row: row)?.health?.state.status else { return }
    if let outcome, let status = tenants[name]?.health?.state.take(outcome, at: BootClock.microseconds()) {
      turned(name, from: before, to: status)
    }
    guard let wait = followed(name, row: row)?.health?.state.wait else { return }
    awaitCheck(of: name, row: row, wait: wait)
  }

  /// The tenant, while it runs and is looked at in this row of checks.
  func followed(_ name: String, row: UInt64) -> Tenant? {
    guard let tenant = tenants[name], tenant.health?.row == row, case .running = tenant.phase, !tenant.isFrozen else {
      return nil
    }
    return tenant
  }

  private func look(
    _ policy: HealthPolicy, at name: String, _ process: SharedDescriptor, row: UInt64
  ) async throws(Fault) -> HealthState.Outcome? {
    if case .command(let command) = policy.check.value {
      return try await runCheck(command, in: name, timeout: policy.timeout.value, row: row)
    }
    guard let request = policy.probe else { return nil }
    return policy.outcome(of: try await probe(request, process, timeout: policy.timeout.value))
  }

  private func probe(
    _ request: TenantProbe.Request, _ process: SharedDescriptor, timeout: TimeSpan
  ) async throws(Fault) -> TenantProbe.Finding {
    let probe = try await parts.threads.run { [parts] () throws(Fault) in
      try parts.launcher.probe(request, process: process)
    }
    // It keeps its time itself; this is for one that can't.
    let late = Task {
      try await Task.sleep(for: timeout.duration + .seconds(5))
      probe.kill()
    }
    defer { late.cancel() }
    do throws(Fault) {
      try await untilReadable(probe.pidfd)
    } catch {
      probe.kill()
      // It finds nothing any more, but is reaped by that.
      _ = try? probe.finding()
      throw error
    }
    return try probe.finding()
  }

  private func turned(_ name: String, from before: HealthState.Status, to status: HealthState.Status) {
    guard let health = tenants[name]?.health, let record = tenants[name]?.record else { return }
    switch status {
    case .starting: return
    case .healthy:
      tenants[name]?.record.restart?.becameWell(at: BootClock.microseconds())
      if !health.isReadyTold { publish(.ready, of: name) }
      tenants[name]?.health?.isReadyTold = true
      if before == .unhealthy { publish(.healthy, of: name) }
      parts.log.info("healthy", metadata: ["tenant": "\(name)"])
    case .unhealthy:
      tenants[name]?.record.restart?.becameUnhealthy(at: BootClock.microseconds())
      let reason = health.state.reason ?? "unknown"
      publish(.unhealthy, of: name) { event in
        event.count = Int(clamping: health.state.failures)
        event.text = reason
      }
      parts.log.warning("unhealthy", metadata: ["tenant": "\(name)", "reason": "\(reason)"])
    }
    if record.restart != nil { saveInTurn(name) }
    guard status == .unhealthy, health.policy.action.value == .restart, record.restart != nil else { return }
    parts.audit.record(AuditRecord(.stop, tenant: name).with(.reason, "unhealthy"))
    do throws(Fault) {
      try askToEnd(name, grace: nil)
    } catch {
      parts.log.error("cannot end an unhealthy tenant", metadata: ["tenant": "\(name)", "fault": "\(error)"])
    }
  }

  /// What clients are told of a tenant's health; nil where nothing checks it.
  static func healthStatus(of tenant: Tenant) -> HealthStatus? {
    guard let health = tenant.health, tenant.process != nil else { return nil }
    return HealthStatus(
      status: health.state.status.rawValue, check: health.policy.check.value.summary,
      failures: Int(clamping: health.state.failures), reason: health.state.reason)
  }
}
