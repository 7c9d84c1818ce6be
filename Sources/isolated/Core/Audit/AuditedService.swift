import ControlProtocol
import Faults
import Glibc
import Kernel

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
    if Task.isCancelled {
      audit.record(AuditRecord(.stop, by: peer, tenant: spawned.name).with(.reason, "hang-up"))
    }
    return exit
  }

  func stop(_ request: Stop.Request, peer: ControlPeer) async throws(Fault) -> Exit {
    var record = AuditRecord(.stop, by: peer, tenant: request.name)
    if let grace = request.graceUsec { record = record.with(.graceMicroseconds, grace) }
    do throws(Fault) {
      let exit = try await service.stop(request, peer: peer)
      audit.record(record.with(.cause, exit.cause.rawValue))
      return exit
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

  /// Records an action, however it ends.
  private func recorded(_ record: AuditRecord, _ body: () async throws(Fault) -> Void) async throws(Fault) {
    var record = record
    do throws(Fault) {
      try await body()
      audit.record(record)
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
