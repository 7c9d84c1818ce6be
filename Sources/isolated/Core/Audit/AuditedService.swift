import ControlProtocol
import Faults
import Glibc
import Kernel
import Sandbox

/// A control service whose privileged calls leave records: what was done, refused or denied, and to whom.
///
/// Reading isn't privileged, but a look at somebody else's tenant that was denied is recorded.
struct AuditedService<Service: ControlService>: ControlService {
  /// Spawns, and notes what it was about.
  typealias Spawner =
    @Sendable (Spawn.Request, ControlPeer, [SharedDescriptor], SpawnTrail) async throws(Fault) -> Spawn.Reply

  let service: Service
  let audit: AuditLog
  let spawner: Spawner

  func spawn(
    _ request: Spawn.Request, peer: ControlPeer, descriptors: [SharedDescriptor]
  ) async throws(Fault) -> Spawn.Reply {
    let trail = SpawnTrail()
    var record = AuditRecord(.spawn, by: peer)
    record.policy = request.policy ?? request.documentName
    record.program = request.command?.first
    record.changesEnvironment = request.environment?.isEmpty == false
    if request.policy == nil {
      record = record.with(.policySource, peer.uid == 0 && peer.pid == getpid() ? "tenants.d" : "client")
    }
    do throws(Fault) {
      let reply = try await spawner(request, peer, descriptors, trail)
      record.tenant = reply.name
      record.policyDigest = trail.policyDigest
      audit.record(record.with(.tenantPID, reply.pid))
      return reply
    } catch {
      record.tenant = request.name ?? trail.tenant
      record.policyDigest = trail.policyDigest
      record.result = AuditRecord.Result(error)
      audit.record(record)
      throw error
    }
  }

  func attend(_ spawned: Spawn.Reply, peer: ControlPeer) async throws(Fault) -> Exit {
    let exit = try await service.attend(spawned, peer: peer)
    // Its client hung up, which ends a foreground tenant.
    if Task.isCancelled, exit.cause != .detached {
      audit.record(AuditRecord(.stop, by: peer, tenant: spawned.name).with(.reason, "hang-up"))
    }
    return exit
  }

  func stop(_ request: Stop.Request, peer: ControlPeer) async throws(Fault) -> Stop.Reply {
    var record = AuditRecord(.stop, by: peer, tenant: request.name)
    if let grace = request.graceUsec { record = record.with(.graceMicroseconds, grace) }
    do throws(Fault) {
      let reply = try await service.stop(request, peer: peer)
      for dependant in reply.dependants ?? [] {
        audit.record(
          AuditRecord(.stop, by: peer, tenant: dependant.name).with(.reason, "after \(request.name)")
            .with(.cause, dependant.exit.cause.rawValue))
      }
      audit.record(record.with(.cause, reply.exit.cause.rawValue))
      return reply
    } catch {
      record.result = AuditRecord.Result(error)
      audit.record(record)
      throw error
    }
  }

  func kill(_ request: Kill.Request, peer: ControlPeer) async throws(Fault) {
    let record = AuditRecord(.kill, by: peer, tenant: request.name).with(.signal, request.signal)
    try await recorded(record) { () async throws(Fault) in try await service.kill(request, peer: peer) }
  }

  func forget(_ request: TenantName, peer: ControlPeer) async throws(Fault) {
    let record = AuditRecord(.forget, by: peer, tenant: request.name)
    try await recorded(record) { () async throws(Fault) in try await service.forget(request, peer: peer) }
  }

  func freeze(_ request: TenantName, peer: ControlPeer) async throws(Fault) {
    let record = AuditRecord(.freeze, by: peer, tenant: request.name)
    try await recorded(record) { () async throws(Fault) in try await service.freeze(request, peer: peer) }
  }

  func thaw(_ request: TenantName, peer: ControlPeer) async throws(Fault) {
    let record = AuditRecord(.thaw, by: peer, tenant: request.name)
    try await recorded(record) { () async throws(Fault) in try await service.thaw(request, peer: peer) }
  }

  /// What would change is only looked at: that is recorded where it was denied.
  func update(_ request: Update.Request, peer: ControlPeer) async throws(Fault) -> Update.Reply {
    var record = AuditRecord(.update, by: peer, tenant: request.name)
    record.policy = request.document == nil ? nil : request.documentName
    record.policyDigest = request.document.map { SHA256.hexadecimal(of: Array($0.utf8)) }
    do throws(Fault) {
      let reply = try await service.update(request, peer: peer)
      guard !request.dryRun else { return reply }
      audit.record(record.with(.changed, reply.changes.map(\.what).joined(separator: " ")))
      return reply
    } catch {
      record.result = AuditRecord.Result(error)
      if !request.dryRun || error.code == .notPermitted { audit.record(record) }
      throw error
    }
  }

  func wait(_ request: TenantName, peer: ControlPeer) async throws(Fault) -> Exit {
    try await denied(.wait, request, peer) { () async throws(Fault) in try await service.wait(request, peer: peer) }
  }

  func inspect(_ request: TenantName, peer: ControlPeer) async throws(Fault) -> Inspection {
    try await denied(.inspect, request, peer) { () async throws(Fault) in
      try await service.inspect(request, peer: peer)
    }
  }

  func logs(
    _ request: TenantName, peer: ControlPeer
  ) async throws(Fault) -> (reply: Logs.Reply, descriptors: [SharedDescriptor]) {
    try await denied(.logs, request, peer) { () async throws(Fault) in try await service.logs(request, peer: peer) }
  }

  func list(peer: ControlPeer) async throws(Fault) -> [TenantSummary] { try await service.list(peer: peer) }

  func ioStatus(peer: ControlPeer) async throws(Fault) -> [IODisk] { try await service.ioStatus(peer: peer) }

  func version(peer: ControlPeer) async throws(Fault) -> Version.Reply { try await service.version(peer: peer) }

  func events(_ request: Events.Request, peer: ControlPeer) async throws(Fault) -> TenantEventStream {
    try await service.events(request, peer: peer)
  }

  func usage(peer: ControlPeer) async throws(Fault) -> Usage.Reply { try await service.usage(peer: peer) }

  func exec(
    _ request: Exec.Request, peer: ControlPeer, descriptors: [SharedDescriptor]
  ) async throws(Fault) -> SharedDescriptor {
    var record = AuditRecord(.exec, by: peer, tenant: request.name)
    record.program = request.command.first
    record.changesEnvironment = request.environment?.isEmpty == false
    if let user = request.user { record = record.with(.user, user) }
    return try await recorded(record) { () async throws(Fault) in
      try await service.exec(request, peer: peer, descriptors: descriptors)
    }
  }

  func attach(_ request: TenantName, peer: ControlPeer) async throws(Fault) -> SharedDescriptor {
    let record = AuditRecord(.attach, by: peer, tenant: request.name)
    return try await recorded(record) { () async throws(Fault) in try await service.attach(request, peer: peer) }
  }

  func detach(_ request: TenantName, peer: ControlPeer) async throws(Fault) {
    let record = AuditRecord(.detach, by: peer, tenant: request.name)
    try await recorded(record) { () async throws(Fault) in try await service.detach(request, peer: peer) }
  }

  /// Records an action, however it ends.
  private func recorded<Answer: Sendable>(
    _ record: AuditRecord, _ body: () async throws(Fault) -> Answer
  ) async throws(Fault) -> Answer {
    var record = record
    do throws(Fault) {
      let answer = try await body()
      audit.record(record)
      return answer
    } catch {
      record.result = AuditRecord.Result(error)
      audit.record(record)
      throw error
    }
  }

  /// Records a look only where it was denied.
  private func denied<Reply>(
    _ action: AuditRecord.Action, _ request: TenantName, _ peer: ControlPeer,
    _ body: () async throws(Fault) -> Reply
  ) async throws(Fault) -> Reply {
    do throws(Fault) {
      return try await body()
    } catch {
      if error.code == .notPermitted {
        audit.record(AuditRecord(action, by: peer, tenant: request.name, result: AuditRecord.Result(error)))
      }
      throw error
    }
  }
}
