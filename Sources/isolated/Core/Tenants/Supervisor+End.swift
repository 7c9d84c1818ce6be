import CLinux
import CgroupKit
import ControlProtocol
import Faults
import Glibc
import Kernel

extension Supervisor {
  /// Takes note that a tenant's first process has ended: works out how, removes what it had, and tells who waits.
  func ended(_ name: String, pid: Int32) async {
    // Whoever changes the tenant comes to an end first.
    await takeTurn(name)
    defer { turns.end(name) }
    guard let tenant = tenants[name], tenant.exit == nil, tenant.record.pid == pid else { return }
    pauseHealth(of: name)
    if let process = tenant.process { Self.reap(process) }
    let exit = exit(of: tenant)
    let usage = usage(of: tenant, exit)
    // First, so that nobody writes to a group that goes.
    parts.io.end(name)
    await removeHoldings(of: tenant)
    guard var current = tenants[name], current.record.pid == pid else { return }
    if let protection = current.protection { releaseProtection(protection) }
    current.protection = nil
    current.health = nil
    current.group = nil
    current.process = nil
    tenants[name] = current
    parts.measures.ended(exit.cause)
    parts.log.info(
      "ended",
      metadata: [
        "tenant": "\(name)", "cause": "\(exit.cause.rawValue)", "status": "\(exit.status.map(String.init) ?? "-")",
        "signal": "\(exit.signal.map(String.init) ?? "-")",
      ])
    conclude(name, after: exit) { next in publishEnd(of: name, exit, usage, next) }
  }

  /// Takes note that a tenant has ended for good: gives back what was kept for it, and tells who waits.
  func settle(_ name: String, _ exit: Exit) {
    guard var tenant = tenants[name] else { return }
    let waiters = tenant.waiters
    tenant.waiters = [:]
    tenant.record.exit = exit
    tenant.record.restart?.stops()
    tenant.phase = .ended(exit)
    memory.release(name)
    parts.ioAdmission.release(name)
    tenants[name] = tenant
    // A foreground tenant's record goes once its client has been told: see attend.
    if !tenant.record.isForeground { save(tenant.record) }
    for waiter in waiters.values { waiter.resume(returning: exit) }
  }

  /// Takes away all that a tenant has that was started and can't be watched: nobody would see its end.
  func removeUnwatched(_ name: String) async {
    guard let tenant = tenants[name], tenant.process != nil else { return }
    pauseHealth(of: name)
    await removeHoldings(of: tenant)
    if let process = tenant.process { Self.reap(process) }
    if let protection = tenant.protection { releaseProtection(protection) }
    tenants[name]?.group = nil
    tenants[name]?.process = nil
    tenants[name]?.protection = nil
  }

  /// Removes what a tenant has in the host's file systems: its groups, and its bound on disk space.
  private func removeHoldings(of tenant: Tenant) async {
    await removeGroup(of: tenant)
    removeBandwidthGroup(of: tenant)
    await endDiskBound(of: tenant)
  }

  private func removeBandwidthGroup(of tenant: Tenant) {
    guard tenant.record.bandwidthPercent != nil else { return }
    do throws(Fault) {
      try parts.bandwidth.remove(tenant.record.name)
    } catch {
      parts.log.error("cannot remove a group of resctrl", metadata: ["fault": "\(error)"])
    }
  }

  /// Takes away what of its bound on disk space goes with a tenant.
  private func endDiskBound(of tenant: Tenant) async {
    guard let bound = tenant.record.disk else { return }
    do throws(Fault) {
      try await parts.threads.run { () throws(Fault) in try bound.end() }
    } catch {
      parts.log.error("cannot remove a tenant's quota group", metadata: ["fault": "\(error)"])
    }
  }

  /// Gives back what the groups above carried for a tenant.
  func releaseProtection(_ promise: MemoryProtection.Promise) {
    parts.protection.release(promise)
    Task { [parts] in
      do throws(Fault) {
        try await parts.threads.run { () throws(Fault) in try parts.protection.settle() }
      } catch {
        parts.log.error("more memory is protected than is promised", metadata: ["fault": "\(error)"])
      }
    }
  }

  /// Asks a tenant to end, and after the grace kills its whole group.
  func end(_ name: String, grace: Duration?) async throws(Fault) -> Exit {
    guard let tenant = tenants[name] else { throw Self.unknown(name) }
    if let exit = tenant.exit { return exit }
    if tenant.isBackingOff { return stopBackingOff(name) }
    if case .starting = tenant.phase {
      if tenant.record.isStartedAgain { return try await endOnceStarted(name, grace: grace) }
      throw Fault(.wrongTenantState, "the tenant '\(name)' is still being started", mend: "stop it once it runs")
    }
    // Also where the daemon has begun it itself, since the tenant is unhealthy: it is somebody's wish from now on.
    endForGood(name)
    if case .running = tenant.phase { try askToEnd(name, grace: grace) }
    return try await untilEnded(name)
  }

  /// Asks a tenant that runs to end, and has its group killed after the grace.
  func askToEnd(_ name: String, grace: Duration?) throws(Fault) {
    guard var tenant = tenants[name] else { throw Self.unknown(name) }
    let patience = grace ?? .microseconds(Int64(clamping: tenant.record.stopGraceMicroseconds))
    tenant.phase = .stopping
    tenants[name] = tenant
    let pid = tenant.record.pid
    if let process = tenant.process, patience > .zero {
      try Self.signal(process, tenant.record.stopSignal)
      thawToEnd(name)
    }
    // It outlives a client that hangs up meanwhile, and finds nothing to do once the tenant has ended.
    Task {
      await pause(for: patience, waitingFor: "\(name) to end")
      killGroup(name, pid: pid)
    }
  }

  /// Kills every process of the tenant at once.
  func killGroup(_ name: String, pid: Int32) {
    guard let tenant = tenants[name], tenant.exit == nil, tenant.record.pid == pid, let group = tenant.group else {
      return
    }
    do throws(Fault) {
      try group.kill()
      tenants[name]?.wasKilled = true
    } catch {
      parts.log.error("cannot kill a tenant's group", metadata: ["tenant": "\(name)", "fault": "\(error)"])
    }
  }

  /// Sends a signal to a process by its pidfd.
  static func signal(_ process: SharedDescriptor, _ number: Int32) throws(Fault) {
    do throws(Fault) {
      try systemCall("pidfd_send_signal", message: "cannot signal the tenant") {
        clinux_pidfd_send_signal(process.rawValue, number)
      }
    } catch {
      // It has ended meanwhile: the watcher will say so.
      if error.errno?.number != ESRCH { throw error }
    }
  }

  /// Takes the zombie away; a tenant that was started by an earlier daemon is its new parent's to reap.
  static func reap(_ process: SharedDescriptor) {
    var information = siginfo_t()
    let pidfdKind: UInt32 = 3
    _ = waitid(idtype_t(pidfdKind), id_t(process.rawValue), &information, WEXITED | WNOHANG)
  }

  private func exit(of tenant: Tenant) -> Exit {
    let duration = max(
      0,
      tenant.record.startedBootMicroseconds.map { BootClock.microseconds() - $0 }
        ?? WallClock.microseconds() - tenant.record.startedMicroseconds)
    let hasMemory = parts.groups.controllers.contains(.memory)
    let outOfMemory = hasMemory ? tenant.group.flatMap { try? $0.memory.events.read().oomKill } ?? 0 : 0
    let record = parts.store.exitBytes(tenant.record.name).flatMap { ExitRecord($0) }
    if let status = record?.status { return Exit(status: status, cause: .exited, durationUsec: duration) }
    if let signal = record?.signal {
      let isKill = signal == Int(SIGKILL)
      return Exit(
        signal: signal, cause: isKill && outOfMemory > 0 ? .outOfMemory : .signaled, durationUsec: duration)
    }
    // PID 1 was killed before it could write: by the kernel, by the daemon, or by somebody else.
    let cause: Exit.Cause = outOfMemory > 0 ? .outOfMemory : tenant.wasKilled ? .killed : .initLost
    return Exit(signal: Int(SIGKILL), cause: cause, durationUsec: duration)
  }

  private func removeGroup(of tenant: Tenant) async {
    guard let group = tenant.group else { return }
    do throws(Fault) {
      do throws(Fault) {
        try group.removeNow()
      } catch {
        try await group.removeTree(killing: true)
      }
    } catch {
      parts.log.error("cannot remove a tenant's group", metadata: ["fault": "\(error)"])
    }
  }

  func save(_ record: TenantRecord) {
    do throws(Fault) {
      try parts.store.save(record)
    } catch {
      parts.log.error("cannot save a tenant's state", metadata: ["fault": "\(error)"])
    }
  }

  func forgetState(_ name: String) {
    do throws(Fault) {
      try parts.store.remove(name)
    } catch {
      parts.log.error("cannot remove a tenant's state", metadata: ["fault": "\(error)"])
    }
  }
}
