import CgroupKit
import ControlProtocol
import Faults
import Kernel
import Logging
import Policy

/// What a change of a tenant works with: the parts of the supervisor that it needs.
struct UpdateMeans: Sendable {
  /// The controllers that every tenant's group has.
  var controllers: Set<Controller>
  /// A fault for each limit that this host can't enforce.
  var notEnforceable: @Sendable ([AskedLimit]) -> [Fault]
  var store: StateStore
  var protection: MemoryProtection
  var io: IOAdmission
  var log: Logger
  /// The tenants' group's present life: see ``StartedTenants``.
  var life: String
}

extension UpdateMeans {
  init(_ parts: SupervisorParts) {
    let groups = parts.groups
    self.init(
      controllers: groups.controllers, notEnforceable: { groups.notEnforceable($0) }, store: parts.store,
      protection: parts.protection, io: parts.ioAdmission, log: parts.log, life: parts.life)
  }
}

/// One change of a running tenant: what must be written, and how it is taken back. Its methods block.
///
/// Before anything is written, the tenant's record says what was there: a daemon that dies in the middle leaves a
/// tenant whose record undoes the rest (``Supervisor/finishUpdate(_:_:)``).
struct TenantUpdate: Sendable {
  let old: TenantPolicy
  let new: TenantPolicy
  let source: PolicySource
  /// The tenant's record as it is.
  let record: TenantRecord
  let group: Cgroup
  /// The disks of the new policy; empty where nothing of them changes.
  let places: [IOPlace]
  let changes: [LimitChange]
  /// What is written in the group in the end.
  let limits: [TenantRecord.WrittenLimit]
  /// What the policies ask and this host can't enforce, by themselves, the IO scheduler's part apart.
  private let refused: (old: [String], new: [Fault])

  /// Whether anything about disks changes.
  private var concernsDisks: Bool { old.io != new.io }

  /// Whether anything changes of when it is started, looked at and ended.
  private var concernsLife: Bool { old.restart != new.restart || old.health != new.health || old.after != new.after }

  /// Compares what a tenant runs by with what it is to run by.
  ///
  /// - Throws: what is wrong with the new policy, with its position.
  init(_ record: TenantRecord, in group: Cgroup, to source: PolicySource, _ means: UpdateMeans) throws(Fault) {
    guard let present = record.source else {
      throw Fault(
        .unknownPolicy,
        "it isn't known what policy '\(record.name)' runs by, since its record is of another daemon or was lost",
        mend: "stop it and spawn it again")
    }
    do throws(PolicyErrors) {
      let change = try PolicyChange(from: present, to: source)
      old = change.old
      new = change.new
    } catch {
      throw error.joined(mostOthers: 49)
    }
    self.source = source
    self.record = record
    self.group = group
    var asked = LimitPlan.limits(of: new)
    var refused = (
      old: means.notEnforceable(LimitPlan.limits(of: old)).map(\.message), new: means.notEnforceable(asked)
    )
    asked.removeAll { !means.controllers.contains($0.controller) }
    var written = record.limits
    var kept: [TenantRecord.WrittenLimit] = []
    if old.io != new.io {
      places = try IOPlace.all(new.io)
      let lines = IOLimitPlan.limits(of: places)
      if means.controllers.contains(.io) {
        asked += lines
      } else {
        refused.new += means.notEnforceable(lines) + IOLimitPlan.unscheduled(places)
        if let places = try? IOPlace.all(old.io) {
          refused.old += (means.notEnforceable(IOLimitPlan.limits(of: places)) + IOLimitPlan.unscheduled(places))
            .map(\.message)
        }
      }
    } else {
      places = []
      kept = record.limits.filter { $0.file == "io.max" }
      written.removeAll { $0.file == "io.max" }
    }
    self.refused = refused
    changes = try LimitChanges.between(written, asked)
    limits = asked.map { .init(file: $0.file, text: $0.text) } + kept
  }

  /// Bytes that admission counts from now on.
  var memory: (reserved: UInt64, maximum: UInt64) { (new.memory.min?.value.bytes ?? 0, new.memory.max.value.bytes) }

  // MARK: Looking

  /// What would change, as far as can be told without doing it.
  func preview(_ means: UpdateMeans) throws(Fault) -> Update.Reply {
    let admitted =
      concernsDisks && means.controllers.contains(.io)
      ? try means.io.judge(record.name, new, places: places) : nil
    try requireEnforceable(admitted)
    return reply(io: admitted?.record ?? record.io, warnings: [])
  }

  private func requireEnforceable(_ admitted: IOAdmission.Admitted?) throws(Fault) {
    guard new.enforcement == .strict, let first = (refused.new + (admitted?.notEnforceable ?? [])).first else { return }
    throw first
  }

  private func reply(io: IORecord?, warnings: [String]) -> Update.Reply {
    var shown = changes.map { Update.Change(what: $0.file, before: $0.before, after: $0.after) }
    let (before, after) = (record.io?.texts ?? [], io?.texts ?? [])
    shown += before.filter { !after.contains($0) }.map { Update.Change(what: "io", before: $0, after: nil) }
    shown += after.filter { !before.contains($0) }.map { Update.Change(what: "io", before: nil, after: $0) }
    func add(_ what: String, _ before: String, _ after: String) {
      if before != after { shown.append(Update.Change(what: what, before: before, after: after)) }
    }
    add("stop.signal", "\(old.stop.signal.value)", "\(new.stop.signal.value)")
    add("stop.grace", "\(old.stop.grace.value)", "\(new.stop.grace.value)")
    add("restart", old.restart.summary, new.restart.summary)
    add("health", old.health?.summary ?? "none", new.health?.summary ?? "none")
    add("after", Self.names(old.after), Self.names(new.after))
    add("enforcement", old.enforcement.rawValue, new.enforcement.rawValue)
    return Update.Reply(changes: shown, warnings: warnings)
  }

  private static func names(_ tenants: [Positioned<Policy.TenantName>]) -> String {
    tenants.isEmpty ? "none" : tenants.map(\.value.text).joined(separator: " ")
  }

  // MARK: Doing

  /// What came of it.
  struct Outcome: Sendable {
    var record: TenantRecord
    var protection: MemoryProtection.Promise?
    /// What the IO scheduler is to be told; nil where nothing about disks changes.
    var assignments: [IOAssignment]?
    var reply: Update.Reply
  }

  /// Makes the change, all of it or nothing.
  ///
  /// - Parameter promise: what the groups above carry for the tenant.
  /// - Throws: what speaks against it; then all is as it was, or `update.not-undone` says what isn't.
  func make(_ means: UpdateMeans, promise: MemoryProtection.Promise?) throws(Fault) -> Outcome {
    let admitted =
      concernsDisks && means.controllers.contains(.io)
      ? try means.io.change(record.name, new, places: places) : nil
    do throws(Fault) {
      try requireEnforceable(admitted)
      let outcome = try protected(means, promise, admitted)
      means.io.settle(record.name)
      return outcome
    } catch {
      if admitted != nil { means.io.takeBack(record.name) }
      throw error
    }
  }

  /// The groups above carry the greater of what was and what will be promised while it isn't certain which holds.
  private func protected(
    _ means: UpdateMeans, _ promise: MemoryProtection.Promise?, _ admitted: IOAdmission.Admitted?
  ) throws(Fault) -> Outcome {
    let before = MemoryProtection.Amount(files: record.limits.map { ($0.file, $0.text) })
    let after = MemoryProtection.Amount(files: limits.map { ($0.file, $0.text) })
    guard before != after else {
      return try written(means, admitted, protection: promise, notCarried: nil)
    }
    var held = promise
    var notCarried: String?
    do throws(Fault) {
      held = try means.protection.change(promise, to: before.greater(after))
    } catch {
      if new.enforcement == .strict { throw error }
      notCarried = error.message
    }
    do throws(Fault) {
      var outcome = try written(means, admitted, protection: held, notCarried: notCarried)
      if notCarried == nil { outcome.protection = lowered(held, to: after, means) }
      return outcome
    } catch {
      if notCarried == nil { _ = lowered(held, to: before, means) }
      throw error
    }
  }

  private func lowered(
    _ promise: MemoryProtection.Promise?, to amount: MemoryProtection.Amount, _ means: UpdateMeans
  ) -> MemoryProtection.Promise? {
    do throws(Fault) {
      return try means.protection.change(promise, to: amount)
    } catch {
      // It goes with the tenant's end.
      means.log.error("more memory is protected than is promised", metadata: ["fault": "\(error)"])
      return promise
    }
  }

  private func written(
    _ means: UpdateMeans, _ admitted: IOAdmission.Admitted?, protection: MemoryProtection.Promise?,
    notCarried: String?
  ) throws(Fault) -> Outcome {
    let update = GroupUpdate(group: group)
    let present = try update.present(changes)
    if !changes.isEmpty {
      var begun = record
      begun.undo = present
      try means.store.save(begun)
    }
    do throws(Fault) {
      let warnings = try update.apply(changes)
      let record = changed(admitted, notCarried, means)
      try means.store.save(record)
      return Outcome(
        record: record, protection: protection, assignments: admitted?.assignments,
        reply: reply(io: record.io, warnings: warnings))
    } catch {
      throw undo(error, update, present, means)
    }
  }

  /// Takes back what was written before a fault, which is answered together with what couldn't be taken back.
  private func undo(
    _ fault: Fault, _ update: GroupUpdate, _ present: [TenantRecord.WrittenLimit], _ means: UpdateMeans
  ) -> Fault {
    var left = update.restore(present)
    do throws(Fault) {
      try means.store.save(record)
    } catch {
      left.append(error)
    }
    guard let first = left.first else { return fault }
    var both = fault
    both.others =
      [
        Fault(
          .notUndone, "not all of the change could be undone: \(first.message)", path: first.path, errno: first.errno)
      ] + left.dropFirst()
    return both
  }

  private func changed(
    _ admitted: IOAdmission.Admitted?, _ notCarried: String?, _ means: UpdateMeans
  ) -> TenantRecord {
    var changed = record
    changed.undo = nil
    changed.source = source
    changed.limits = limits
    changed.reservedMemory = memory.reserved
    changed.maximumMemory = memory.maximum
    changed.stopSignal = new.stop.signal.value.number
    changed.stopGraceMicroseconds = new.stop.grace.value.microseconds
    changed.entry?.grantsCommands = new.allow.commandOverride.value
    if concernsLife { changed.follow(new, life: means.life, at: BootClock.microseconds()) }
    if let admitted { changed.io = admitted.record }
    if source.text != record.source?.text { changed.policy = source.file }
    let refusals = (refused.new + (admitted?.notEnforceable ?? [])).map(\.message) + [notCarried].compactMap { $0 }
    changed.notEnforced.removeAll { refused.old.contains($0) || refusals.contains($0) }
    changed.notEnforced += refusals
    return changed
  }
}
