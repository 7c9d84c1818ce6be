import CgroupKit
import ControlProtocol
import Faults
import Glibc
import Kernel

extension Supervisor: ControlService {
  func spawn(
    _ request: Spawn.Request, peer: ControlPeer, descriptors: [SharedDescriptor]
  ) async throws(Fault) -> Spawn.Reply {
    try await start(request, peer: peer, descriptors: descriptors, trail: SpawnTrail())
  }

  /// Stays with a foreground tenant; a client that hangs up ends it.
  func attend(_ spawned: Spawn.Reply, peer: ControlPeer) async throws(Fault) -> Exit {
    let exit = try await untilEnded(spawned.name)
    guard isCurrent(spawned), tenants[spawned.name]?.record.isForeground == true else {
      return Task.isCancelled ? Exit(cause: .detached, durationUsec: 0) : exit
    }
    guard Task.isCancelled else {
      drop(spawned)
      return exit
    }
    // A task of its own: waiting for the end in this one, which is cancelled, would return at once.
    Task {
      do throws(Fault) {
        if isCurrent(spawned) { _ = try await end(spawned.name, grace: nil) }
      } catch {
        parts.log.error("cannot end a tenant", metadata: ["tenant": "\(spawned.name)", "fault": "\(error)"])
      }
      drop(spawned)
    }
    return exit
  }

  /// Whether the name still means the tenant that was spawned, and not a later one.
  private func isCurrent(_ spawned: Spawn.Reply) -> Bool {
    tenants[spawned.name].map { Int($0.record.pid) == spawned.pid } ?? false
  }

  /// Drops the record of a foreground tenant, which has ended and whose client has been told.
  private func drop(_ spawned: Spawn.Reply) {
    guard isCurrent(spawned), tenants[spawned.name]?.exit != nil else { return }
    tenants[spawned.name] = nil
    forgetState(spawned.name)
  }

  func wait(_ request: ControlProtocol.TenantName, peer: ControlPeer) async throws(Fault) -> Exit {
    _ = try tenant(request.name, for: peer)
    return try await untilEnded(request.name)
  }

  func list(peer: ControlPeer) async throws(Fault) -> [TenantSummary] {
    tenants.values.filter { peer.uid == 0 || $0.record.owner == peer.uid }
      .sorted { $0.record.name < $1.record.name }.map(summary)
  }

  func inspect(_ request: ControlProtocol.TenantName, peer: ControlPeer) async throws(Fault) -> Inspection {
    let tenant = try tenant(request.name, for: peer)
    let record = tenant.record
    return Inspection(
      summary: summary(of: tenant), command: record.command, cgroup: record.group,
      namespaces: tenant.process != nil ? ProcessFacts.namespaces(of: record.pid) : [:],
      idRange: .init(first: Int(record.firstIdentity), count: 65_536),
      limits: record.limits.map { limit in
        .init(file: limit.file, asked: limit.text, kernel: tenant.group.flatMap { $0.text(of: limit.file) } ?? "")
      } + (record.disk?.limits ?? []) + bandwidthLimit(of: record),
      capabilities: record.capabilities, seccomp: record.seccomp,
      mounts: tenant.process != nil ? ProcessFacts.mounts(of: record.pid) : [], notEnforced: record.notEnforced,
      logs: logPlace(of: record), io: Self.present(parts.io.decisions(of: record.name)),
      ioPromises: record.io.flatMap { Self.present($0.texts) }, ioSensor: latencyAbsence(of: tenant),
      landlock: record.landlock, restart: Self.restartStatus(of: tenant), after: record.after,
      health: Self.healthStatus(of: tenant))
  }

  private func bandwidthLimit(of record: TenantRecord) -> [Inspection.Limit] {
    guard let percent = record.bandwidthPercent else { return [] }
    return [.init(file: "memory.bandwidth", asked: "\(percent)%", kernel: parts.bandwidth.text(of: record.name) ?? "")]
  }

  /// Why the latencies of a running tenant's IO aren't measured; nil where they are, or where nothing was promised.
  private func latencyAbsence(of tenant: Tenant) -> String? {
    guard tenant.exit == nil, tenant.record.io?.entries.isEmpty == false else { return nil }
    return parts.io.status().first { disk in
      disk.sensor != nil && disk.tenants.contains { !$0.isHost && $0.name == tenant.record.name }
    }?.sensor
  }

  private static func present<Element>(_ list: [Element]) -> [Element]? { list.isEmpty ? nil : list }

  func kill(_ request: Kill.Request, peer: ControlPeer) async throws(Fault) {
    let tenant = try tenant(request.name, for: peer)
    guard let number = Int32(exactly: request.signal) else {
      throw Fault(.wrongTenantState, "\(request.signal) is no signal")
    }
    if tenant.isBackingOff { return try killBackingOff(tenant.record, signal: number) }
    guard tenant.exit == nil, let process = tenant.process else {
      throw Fault(.wrongTenantState, "the tenant '\(request.name)' does not run", mend: "spawn it again")
    }
    // SIGKILL would end PID 1 before it could forward anything; the group's kill switch takes all at once.
    if number == SIGKILL {
      killGroup(request.name, pid: tenant.record.pid)
    } else {
      try Self.signal(process, number)
    }
    parts.log.info("signalled", metadata: ["tenant": "\(request.name)", "signal": "\(number)", "by": "\(peer.uid)"])
  }

  func stop(_ request: Stop.Request, peer: ControlPeer) async throws(Fault) -> Stop.Reply {
    _ = try tenant(request.name, for: peer)
    parts.log.info("stopping", metadata: ["tenant": "\(request.name)", "by": "\(peer.uid)"])
    let dependants = request.only == true ? [] : try await endDependants(of: request.name, peer: peer)
    let exit = try await end(request.name, grace: request.graceUsec.map { .microseconds($0) })
    return Stop.Reply(exit: exit, dependants: dependants.isEmpty ? nil : dependants)
  }

  func forget(_ request: ControlProtocol.TenantName, peer: ControlPeer) async throws(Fault) {
    let tenant = try tenant(request.name, for: peer)
    if tenant.isBackingOff {
      _ = stopBackingOff(request.name)
    } else if tenant.exit == nil {
      throw Fault(.wrongTenantState, "the tenant '\(request.name)' still runs", mend: "stop it first")
    }
    tenants[request.name] = nil
    try parts.store.remove(request.name)
  }

  func logs(
    _ request: ControlProtocol.TenantName, peer: ControlPeer
  ) async throws(Fault) -> (reply: Logs.Reply, descriptors: [SharedDescriptor]) {
    let record = try tenant(request.name, for: peer).record
    var reply = logPlace(of: record)
    guard record.logPlace == .file, let path = reply.path else { return (reply, []) }
    // The tenant owns the directory: no link of its making is followed.
    let file = SharedDescriptor(
      owning: try systemCall("open", path: path, message: "cannot open the tenant's log") {
        open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
      })
    reply.file = 0
    return (reply, [file])
  }

  func ioStatus(peer: ControlPeer) async throws(Fault) -> [IODisk] {
    parts.io.status().map { disk in
      var disk = disk
      disk.warnings += parts.ioAdmission.warnings(of: disk.number)
      disk.tenants.removeAll { !$0.isHost && peer.uid != 0 && tenants[$0.name]?.record.owner != peer.uid }
      return disk
    }
  }

  func version(peer: ControlPeer) async throws(Fault) -> Version.Reply {
    var name = utsname()
    uname(&name)
    let release = withUnsafeBytes(of: &name.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    let machine = withUnsafeBytes(of: &name.machine) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    return Version.Reply(
      version: isolatedVersion, kernel: release, machine: machine,
      controllers: parts.groups.controllers.sorted().map(\.rawValue))
  }

  /// A tenant that the peer may act on.
  func tenant(_ name: String, for peer: ControlPeer) throws(Fault) -> Tenant {
    guard let tenant = tenants[name] else { throw Self.unknown(name) }
    try Authorization.checkAccess(to: name, owner: tenant.record.owner, peer: peer)
    return tenant
  }

  private func summary(of tenant: Tenant) -> TenantSummary {
    let record = tenant.record
    let usage = tenant.group.map { GroupUsage(of: $0, controllers: parts.groups.controllers) }
    return TenantSummary(
      name: record.name, state: tenant.state, policy: record.policy,
      pid: tenant.process != nil && record.pid != 0 ? Int(record.pid) : nil, owner: Int(record.owner),
      startedUsec: record.startedMicroseconds, cpuUsec: Int(clamping: usage?.cpuMicroseconds ?? 0),
      memoryBytes: Int(clamping: usage?.memoryBytes ?? 0), memoryMaxBytes: Int(clamping: record.maximumMemory),
      pids: Int(clamping: usage?.processes ?? 0),
      pidsMax: record.limits.first { $0.file == "pids.max" }.flatMap { Int($0.text) },
      ioReadBytes: Int(clamping: usage?.readBytes ?? 0), ioWriteBytes: Int(clamping: usage?.writtenBytes ?? 0),
      exit: tenant.exit, restarts: record.restart?.total, nextStartUsec: Self.nextStart(of: tenant),
      health: Self.healthStatus(of: tenant)?.status)
  }

  private func logPlace(of record: TenantRecord) -> Logs.Reply {
    switch record.logPlace {
    case .journal:
      Logs.Reply(source: .journal, identifier: record.name, user: Int(record.firstIdentity))
    case .file: Logs.Reply(source: .file, identifier: record.name, path: parts.logs.file(record.name))
    case .stdio: Logs.Reply(source: .stdio, identifier: record.name)
    }
  }
}
