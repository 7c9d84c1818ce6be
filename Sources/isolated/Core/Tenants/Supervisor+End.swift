import CLinux
import CgroupKit
import ControlProtocol
import Faults
import Glibc
import Kernel

extension Supervisor {
  /// Takes note that a tenant's first process has ended: works out how, removes what it had, and tells who waits.
  func ended(_ name: String, pid: Int32) async {
    guard let tenant = tenants[name], tenant.exit == nil, tenant.record.pid == pid else { return }
    if let process = tenant.process { Self.reap(process) }
    let exit = exit(of: tenant)
    // First, so that nobody writes to a group that goes.
    parts.io.end(name)
    await removeGroup(of: tenant)
    guard var current = tenants[name], current.record.pid == pid else { return }
    if let protection = current.protection { releaseProtection(protection) }
    let waiters = current.waiters
    current.waiters = [:]
    current.record.exit = exit
    current.phase = .ended(exit)
    current.group = nil
    current.process = nil
    memory.release(name)
    parts.ioAdmission.release(name)
    tenants[name] = current
    parts.measures.ended(exit.cause)
    // A foreground tenant's record goes once its client has been told: see attend.
    if !current.record.isForeground { save(current.record) }
    parts.log.info(
      "ended",
      metadata: [
        "tenant": "\(name)", "cause": "\(exit.cause.rawValue)", "status": "\(exit.status.map(String.init) ?? "-")",
        "signal": "\(exit.signal.map(String.init) ?? "-")",
      ])
    for waiter in waiters.values { waiter.resume(returning: exit) }
  }

  /// Gives back what the groups above carried for a tenant.
  private func releaseProtection(_ promise: MemoryProtection.Promise) {
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
    guard var tenant = tenants[name] else { throw Self.unknown(name) }
    if let exit = tenant.exit { return exit }
    if case .starting = tenant.phase {
      throw Fault(.wrongTenantState, "the tenant '\(name)' is still being started", mend: "stop it once it runs")
    }
    guard case .running = tenant.phase else { return try await untilEnded(name) }
    let patience = grace ?? .microseconds(Int64(clamping: tenant.record.stopGraceMicroseconds))
    tenant.phase = .stopping
    tenants[name] = tenant
    let pid = tenant.record.pid
    if let process = tenant.process, patience > .zero {
      try Self.signal(process, tenant.record.stopSignal)
    }
    // It outlives a client that hangs up meanwhile, and finds nothing to do once the tenant has ended.
    Task {
      do {
        try await Task.sleep(for: patience)
      } catch {
        parts.log.error("cannot wait for a tenant's grace", metadata: ["tenant": "\(name)", "fault": "\(error)"])
      }
      killGroup(name, pid: pid)
    }
    return try await untilEnded(name)
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
  private static func reap(_ process: SharedDescriptor) {
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
