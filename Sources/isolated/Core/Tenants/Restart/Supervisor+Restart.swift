import CgroupKit
import ControlProtocol
import Faults
import Glibc
import Kernel
import Policy

/// What `restart` of a policy asks for: ``RestartState`` decides, this carries it out.
extension Supervisor {
  /// Concludes what a tenant's end, or a start that failed, leads to: it is started again, or has ended for good.
  ///
  /// - Parameter tell: tells what has happened, before anything follows from it, with what is next in a few words.
  func conclude(_ name: String, after exit: Exit, tell: (_ next: String?) -> Void) {
    let now = BootClock.microseconds()
    switch verdict(on: name, after: exit, at: now) {
    case .waits(let due):
      let state = tenants[name]?.record.restart
      let wait = state?.remaining(at: now) ?? 0
      tell("is started again in \(Self.seconds(wait))")
      parts.log.info(
        "backing off",
        metadata: ["tenant": "\(name)", "restart": "\(state?.inARow ?? 0)", "milliseconds": "\(wait / 1000)"])
      backOff(name, exit, until: due)
    case .givesUp:
      let restarts = tenants[name]?.record.restart?.inARow ?? 0
      tell("is not started again: given up after \(restarts) restarts in a row")
      parts.audit.record(AuditRecord(.giveUp, tenant: name).with(.attempt, restarts))
      parts.log.warning("gave up restarting a tenant", metadata: ["tenant": "\(name)", "restarts": "\(restarts)"])
      settle(name, exit)
    case .stays:
      tell(nil)
      settle(name, exit)
    }
  }

  /// Notes an end in the tenant's count of restarts, if it has one.
  private func verdict(on name: String, after exit: Exit, at now: Int) -> RestartState.Verdict {
    guard let record = tenants[name]?.record, var state = record.restart, record.source != nil else { return .stays }
    if exit.cause != .startFailed { state.lastExit = exit }
    // Whoever ended the tenants' group with all that is in it didn't mean them to come back.
    let isOfThisLife = state.life == parts.life
    let verdict =
      isOfThisLife
      ? state.ended(
        isFailure: exit.isFailure, hasRun: exit.cause != .startFailed, at: now, chance: .random(in: 0..<1))
      : .stays
    tenants[name]?.record.restart = state
    return verdict
  }

  /// Has a tenant wait for its next start. What admission gave it stays its own meanwhile: memory, its part of the
  /// disks, its name.
  private func backOff(_ name: String, _ exit: Exit, until due: Int) {
    guard var tenant = tenants[name] else { return }
    tenant.record.exit = exit
    // The number may be another process's by now.
    tenant.record.pid = 0
    tenant.wasKilled = false
    tenant.isFrozen = false
    tenant.phase = .backingOff
    tenants[name] = tenant
    save(tenant.record)
    if !isRecovering { awaitRestart(of: name) }
  }

  /// A wait for people: `1.5s`.
  private static func seconds(_ microseconds: Int) -> String {
    let tenths = microseconds / 100_000 + (microseconds % 100_000 >= 50_000 ? 1 : 0)
    return "\(tenths / 10).\(tenths % 10)s"
  }

  /// Starts a tenant that is backing off once it is due.
  func awaitRestart(of name: String) {
    guard let state = tenants[name]?.record.restart, let due = state.due else { return }
    let wait = state.remaining(at: BootClock.microseconds())
    Task {
      await pause(for: .microseconds(wait), waitingFor: "the next start of \(name)")
      await restart(name, due: due)
    }
  }

  /// Starts a tenant again, if it still waits for that.
  private func restart(_ name: String, due: Int) async {
    await takeTurn(name)
    defer { turns.end(name) }
    guard var tenant = tenants[name], tenant.isBackingOff, let source = tenant.record.source,
      tenant.record.restart?.due == due
    else { return }
    let now = BootClock.microseconds()
    tenant.phase = .starting
    tenant.record.exit = nil
    tenant.record.startedMicroseconds = WallClock.microseconds()
    tenant.record.startedBootMicroseconds = now
    tenant.record.restart?.begins(at: now, isWell: false)
    tenants[name] = tenant
    do throws(Fault) {
      // With all that was changed while it ran.
      let policy = try parts.library.parse(source)
      if policy.health == nil { tenants[name]?.record.restart?.becameWell(at: now) }
      try memory.admit(
        name, reserved: tenant.record.reservedMemory, maximum: tenant.record.maximumMemory)
      // Where the end couldn't remove all that it had: nothing of it may be there by the next start.
      if let leftover = try parts.groups.root.childIfPresent(name) { try await leftover.removeTree(killing: true) }
      var request = Spawn.Request(name: name, command: tenant.record.command, environment: tenant.record.environment)
      request.terminal = tenant.record.terminal
      let launched = try await launch(name, policy, request, streams: nil)
      let reply = try began(name, launched, health: policy.health, by: tenant.record.owner)
      restarted(name, pid: reply.pid)
    } catch {
      await couldNotRestart(name, error)
    }
  }

  private func restarted(_ name: String, pid: Int) {
    guard let state = tenants[name]?.record.restart else { return }
    parts.audit.record(
      AuditRecord(.restart, tenant: name).with(.tenantPID, pid).with(.attempt, state.inARow))
    parts.log.info(
      "restarted", metadata: ["tenant": "\(name)", "restart": "\(state.inARow)", "total": "\(state.total)"])
    guard let grace = tenants[name]?.endsOnceStarted else { return }
    // Somebody has asked for its end meanwhile, and waits for it.
    Task {
      do throws(Fault) {
        _ = try await end(name, grace: grace)
      } catch {
        parts.log.error("cannot end a tenant", metadata: ["tenant": "\(name)", "fault": "\(error)"])
      }
    }
  }

  /// Counts a start that failed like a run that failed.
  private func couldNotRestart(_ name: String, _ fault: Fault) async {
    parts.measures.failed(fault.code)
    parts.io.end(name)
    await removeUnwatched(name)
    tenants[name]?.record.restart?.fault = Failed(fault)
    var record = AuditRecord(.restart, tenant: name, result: AuditRecord.Result(fault))
    if let state = tenants[name]?.record.restart { record = record.with(.attempt, state.inARow) }
    parts.audit.record(record)
    parts.log.warning("cannot restart a tenant", metadata: ["tenant": "\(name)", "fault": "\(fault)"])
    conclude(name, after: Exit(cause: .startFailed, durationUsec: 0)) { next in
      publish(.restartFailed, of: name) { $0.text = fault.message + (next.map { "; \($0)" } ?? "") }
    }
  }

  /// Ends for good what is backing off.
  func stopBackingOff(_ name: String) -> Exit {
    let exit = tenants[name]?.record.exit ?? Exit(cause: .startFailed, durationUsec: 0)
    publish(.stopped, of: name)
    settle(name, exit)
    return exit
  }

  /// Ends for good what is backing off, by a signal that asks for an end; any other has nobody to go to.
  func killBackingOff(_ record: TenantRecord, signal: Int32) throws(Fault) {
    guard [SIGKILL, SIGTERM, SIGINT, SIGQUIT, record.stopSignal].contains(signal) else {
      throw Fault(
        .wrongTenantState, "the tenant '\(record.name)' is backing off: there is no process to signal",
        mend: "`isoctl stop \(record.name)` ends it for good")
    }
    _ = stopBackingOff(record.name)
  }

  /// Notes that somebody wants a tenant's end, so that no end of it is followed by a start, whichever daemon sees it.
  func endForGood(_ name: String) {
    guard let restart = tenants[name]?.record.restart, !restart.isStopAsked else { return }
    tenants[name]?.record.restart?.isStopAsked = true
    saveInTurn(name)
  }

  /// Saves a tenant's record. Where somebody is just changing the tenant, what that one has written on the disk must
  /// stand until the change has come to its end.
  func saveInTurn(_ name: String) {
    guard let pid = tenants[name]?.record.pid, pid != 0 else { return }
    if turns.take(name) {
      defer { turns.end(name) }
      if let record = tenants[name]?.record { save(record) }
      return
    }
    Task {
      await takeTurn(name)
      defer { turns.end(name) }
      if let record = tenants[name]?.record, record.pid == pid { save(record) }
    }
  }

  /// Ends what is just being started again, once it has been.
  func endOnceStarted(_ name: String, grace: Duration?) async throws(Fault) -> Exit {
    let own = tenants[name]?.record.stopGraceMicroseconds ?? 0
    tenants[name]?.record.restart?.isStopAsked = true
    tenants[name]?.endsOnceStarted = grace ?? .microseconds(Int64(clamping: own))
    return try await untilEnded(name)
  }

  /// Takes over a tenant that was backing off under an earlier daemon, with its count and its time.
  ///
  /// - Returns: false for one that has ended for good.
  func adoptBackingOff(_ record: TenantRecord) -> Bool {
    guard let state = record.restart, state.due != nil, record.source != nil, state.life == parts.life else {
      return false
    }
    tenants[record.name] = Tenant(record: record, phase: .backingOff)
    memory.adopt(record.name, reserved: record.reservedMemory, maximum: record.maximumMemory)
    if let io = record.io { _ = parts.ioAdmission.adopt(record.name, io) }
    parts.audit.record(AuditRecord(.adopt, tenant: record.name).with(.attempt, state.inARow))
    parts.log.info("adopted while backing off", metadata: ["tenant": "\(record.name)", "restart": "\(state.inARow)"])
    return true
  }
}

extension TenantRecord {
  /// Whether it is, or was, started again.
  var isStartedAgain: Bool { restart.map { $0.total > 0 } ?? false }

  /// Takes what a policy says about restarts and order: the one that it is started by, or is changed to while it runs. A
  /// foreground tenant belongs to its client, and ends with it: it isn't started again.
  ///
  /// - Parameters:
  ///   - life: the tenants' group's present life: see ``StartedTenants``.
  ///   - now: microseconds of CLOCK_BOOTTIME.
  mutating func follow(_ policy: TenantPolicy, life: String, at now: Int) {
    let names = policy.after.map(\.value.text)
    after = names.isEmpty ? nil : names
    guard !isForeground, let rule = RestartRule(policy.restart) else {
      restart = nil
      return
    }
    if restart == nil {
      var state = RestartState(rule: rule, life: life)
      state.begins(at: now, isWell: false, isFirst: true)
      restart = state
    }
    restart?.rule = rule
    if policy.health == nil { restart?.becameWell(at: now) }
  }
}

/// What clients are told.
extension Supervisor {
  /// When the next start is due, in microseconds since 1970; nil unless it is backing off.
  static func nextStart(of tenant: Tenant) -> Int? {
    guard tenant.isBackingOff, let state = tenant.record.restart else { return nil }
    return WallClock.microseconds() + state.remaining(at: BootClock.microseconds())
  }

  /// All about a tenant's restarts; nil where its policy has none.
  static func restartStatus(of tenant: Tenant) -> RestartStatus? {
    guard let state = tenant.record.restart else { return nil }
    return RestartStatus(
      condition: state.rule.condition.rawValue, total: state.total, inARow: state.count(at: BootClock.microseconds()),
      limit: state.rule.limit, hasGivenUp: state.hasGivenUp, nextStartUsec: nextStart(of: tenant),
      lastExit: state.lastExit, failure: state.fault?.fault.description)
  }
}
