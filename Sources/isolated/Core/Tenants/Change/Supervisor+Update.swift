import CgroupKit
import ControlProtocol
import Faults
import Kernel
import Policy

extension Supervisor {
  func update(_ request: Update.Request, peer: ControlPeer) async throws(Fault) -> Update.Reply {
    _ = try tenant(request.name, for: peer)
    try Authorization.checkUpdate(of: request.name, peer: peer)
    return try await inTurn(request.name) { () async throws(Fault) in
      let tenant = try runningTenant(request.name, for: peer)
      guard let group = tenant.group else { throw Self.unknown(request.name) }
      let update = try await planned(request, tenant.record, group)
      if request.dryRun { return try await preview(update) }
      let reply = try await make(update, tenant)
      tell(update, reply, by: peer)
      return reply
    }
  }

  private func planned(
    _ request: Update.Request, _ record: TenantRecord, _ group: Cgroup
  ) async throws(Fault) -> TenantUpdate {
    let settings = (request.settings ?? []).map {
      PolicySetting(key: $0.key, device: $0.device, value: $0.value, origin: $0.origin)
    }
    var source = record.source ?? PolicySource(text: "", file: "")
    if let document = request.document {
      source = PolicySource(text: document, file: request.documentName ?? "policy")
    }
    let asked = source.with(settings)
    let means = UpdateMeans(parts)
    return try await parts.threads.run { () throws(Fault) in
      try TenantUpdate(record, in: group, to: asked, means)
    }
  }

  private func preview(_ update: TenantUpdate) async throws(Fault) -> Update.Reply {
    var trial = memory
    try Self.extend(&trial, update)
    let means = UpdateMeans(parts)
    return try await parts.threads.run { () throws(Fault) in try update.preview(means) }
  }

  /// While it isn't certain which holds, admission counts what was and what will be sold.
  private func make(_ update: TenantUpdate, _ tenant: Tenant) async throws(Fault) -> Update.Reply {
    let name = tenant.record.name
    let before = memory.holding(of: name)
    try Self.extend(&memory, update)
    let (means, promise) = (UpdateMeans(parts), tenant.protection)
    do throws(Fault) {
      let outcome = try await parts.threads.run { () throws(Fault) in try update.make(means, promise: promise) }
      memory.adopt(name, reserved: update.memory.reserved, maximum: update.memory.maximum)
      take(outcome.record, changedFrom: tenant.record)
      if update.old.health != update.new.health, case .running? = tenants[name]?.phase {
        followHealth(
          of: name, by: update.new.health, isReadyTold: tenants[name]?.health.map(\.isReadyTold) ?? true)
      }
      tenants[name]?.protection = outcome.protection
      if let assignments = outcome.assignments { parts.io.begin(name, group: update.group, assignments: assignments) }
      return outcome.reply
    } catch {
      memory.adopt(name, reserved: before.reserved, maximum: before.maximum)
      // What came of it meanwhile isn't in the record that the change has put back on the disk.
      if let present = tenants[name]?.record, present.life != tenant.record.life { save(present) }
      throw error
    }
  }

  /// Takes a changed record, with what has happened to the tenant while it was being changed: its health may have turned,
  /// somebody may have asked for its end, or its client may have left it to itself.
  private func take(_ changed: TenantRecord, changedFrom before: TenantRecord) {
    guard let present = tenants[changed.name] else { return }
    var record = changed
    if let rule = changed.restart?.rule, var state = present.record.restart {
      state.rule = rule
      record.restart = state
    }
    if present.record.restart == nil, case .stopping = present.phase { record.restart?.isStopAsked = true }
    record.isForeground = present.record.isForeground
    tenants[changed.name]?.record = record
    if record.life != changed.life { save(record) }
  }

  private func tell(_ update: TenantUpdate, _ reply: Update.Reply, by peer: ControlPeer) {
    let name = update.record.name
    let text = reply.changes.map { "\($0.what): \($0.before ?? "none") -> \($0.after ?? "none")" }.joined(
      separator: ", ")
    publish(.updated, of: name) { $0.text = text.isEmpty ? "nothing had to change" : text }
    parts.log.info("updated", metadata: ["tenant": "\(name)", "by": "\(peer.uid)", "changes": "\(text)"])
  }

  private static func extend(_ memory: inout MemoryLedger, _ update: TenantUpdate) throws(Fault) {
    do throws(Fault) {
      try memory.extend(update.record.name, reserved: update.memory.reserved, maximum: update.memory.maximum)
    } catch {
      var fault = error
      let asked = update.new.memory
      fault.position = error.message.hasPrefix("memory.min") ? asked.min?.position : asked.max.position
      throw fault
    }
  }

  /// Undoes what an earlier daemon had begun to change in a tenant's group when it ended.
  func finishUpdate(_ record: inout TenantRecord, _ group: Cgroup?) {
    guard let undo = record.undo else { return }
    record.undo = nil
    for fault in group.map({ GroupUpdate(group: $0).restore(undo) }) ?? [] {
      parts.log.error(
        "cannot undo a change that was cut off", metadata: ["tenant": "\(record.name)", "fault": "\(fault)"])
      record.notEnforced.append("a change that was cut off could not be undone: \(fault.message)")
    }
    save(record)
    parts.audit.record(AuditRecord(.undo, tenant: record.name).with(.reason, "update"))
    parts.log.warning("undid a change that was cut off", metadata: ["tenant": "\(record.name)"])
  }
}

extension TenantRecord {
  /// What may change while the tenant is being changed.
  fileprivate struct Life: Equatable {
    var restart: RestartState?
    var isForeground: Bool
  }

  fileprivate var life: Life { Life(restart: restart, isForeground: isForeground) }
}
