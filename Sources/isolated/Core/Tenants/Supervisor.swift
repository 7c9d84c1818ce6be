import CgroupKit
import ControlProtocol
import Faults
import Glibc
import Kernel
import Logging
import Policy
import Sandbox

extension Fault.Code {
  /// A tenant of this name runs already.
  public static let tenantExists: Self = "tenant.exists"
  /// There is no tenant of this name.
  public static let unknownTenant: Self = "tenant.unknown"
  /// The tenant is not in a state in which this can be done.
  public static let wrongTenantState: Self = "tenant.wrong-state"
  /// There are as many tenants as the configuration allows.
  public static let tooManyTenants: Self = "admission.tenants"
}

/// What the supervisor works with; made once, at the daemon's start.
struct SupervisorParts: Sendable {
  var groups: TenantGroups
  var audit: AuditLog
  var devices: DeviceRules
  var store: StateStore
  var identities: IdentityLedger
  var library: PolicyLibrary
  var specs: SpecBuilder
  var launcher: Launcher
  var threads: BlockingThreads
  /// For starts with a bound on disk space, which may have to wait until the disk has been counted.
  var diskThreads: BlockingThreads
  var exits: ExitWatcher
  var logs: LogSinks
  var protection: MemoryProtection
  var io: any IOControlling
  var ioAdmission: IOAdmission
  var settings: Guarded<LiveSettings>
  var log: Logger
  /// The tenants' group's present life: see ``StartedTenants``.
  var life: String
  var measures = DaemonMeasures()
  var bandwidth = BandwidthGroups()
  var events = TenantEvents()
  /// Reads groups for those who look on.
  var lookouts: BlockingThreads
}

/// All tenants: an actor around each one's state machine (``Tenant/Phase``). It decides; what blocks in the kernel
/// runs on threads of its own, and reports back.
actor Supervisor {
  nonisolated let parts: SupervisorParts
  var tenants: [String: Tenant] = [:]
  var memory: MemoryLedger
  var turns = Turns()
  /// Who watches the limits of a tenant, by its name.
  var limitWatches: [String: LimitWatch] = [:]
  /// Counts rows of health checks: see ``TenantHealth/row``.
  var lastHealthRow: UInt64 = 0
  /// Whether what an earlier daemon left is still being taken over.
  var isRecovering = false
  private var nextWaiter = 0
  private let executor: LoopExecutor

  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  init(parts: SupervisorParts, memory: MemoryLedger, executor: LoopExecutor) {
    self.executor = executor
    self.parts = parts
    self.memory = memory
  }

  /// What a reload may change, as it is now.
  nonisolated var settings: LiveSettings { parts.settings.withLock { $0 } }

  /// Takes over what a reload has changed; tenants that run keep what they were given.
  func change(to settings: LiveSettings) {
    parts.settings.withLock { $0 = settings }
    memory.change(hostReserve: settings.memoryReserve, allowsOvercommit: settings.allowsOvercommit)
  }

  /// Starts a tenant; on any fault nothing of it is left.
  func start(
    _ request: Spawn.Request, peer: ControlPeer, descriptors: [SharedDescriptor], trail: SpawnTrail
  ) async throws(Fault) -> Spawn.Reply {
    do throws(Fault) {
      let loaded = try policy(of: request)
      let policy = loaded.policy
      trail.note(tenant: request.name ?? policy.tenant.value.text, policyDigest: loaded.digest)
      try Authorization.checkSpawn(request, policy: policy, peer: peer)
      let name = try tenantName(request, policy)
      let streams = try StandardStream.chosen(request.stdio, from: descriptors)
      try reserve(name, for: loaded, request: request, owner: peer.uid)
      return try await start(name, policy, request, peer: peer, streams: streams)
    } catch {
      parts.measures.failed(error.code)
      throw error
    }
  }

  private func start(
    _ name: String, _ policy: TenantPolicy, _ request: Spawn.Request, peer: ControlPeer, streams: [SharedDescriptor]?
  ) async throws(Fault) -> Spawn.Reply {
    do throws(Fault) {
      let launched = try await launch(name, policy, request, streams: streams)
      return try began(name, launched, health: policy.health, by: peer.uid)
    } catch {
      await removeUnwatched(name)
      abandon(name)
      parts.log.info("spawn failed", metadata: ["tenant": "\(name)", "fault": "\(error)"])
      throw error
    }
  }

  private func policy(of request: Spawn.Request) throws(Fault) -> LoadedPolicy {
    if let installed = request.policy {
      return try parts.library.policy(named: installed, in: settings.policyDirectories)
    }
    guard let document = request.document else {
      throw Fault(.unknownPolicy, "neither a policy's name nor its text was given")
    }
    return try parts.library.parse(Array(document.utf8), file: request.documentName ?? "policy")
  }

  private func tenantName(_ request: Spawn.Request, _ policy: TenantPolicy) throws(Fault) -> String {
    guard let asked = request.name else { return policy.tenant.value.text }
    guard let name = Policy.TenantName(asked) else {
      throw Fault(
        .unknownTenant, "'\(asked)' can't be a tenant's name",
        mend: "use at most 63 of a-z, 0-9 and '-', a letter first")
    }
    return name.text
  }

  /// Takes the name and the memory, so that nobody else can while the sandbox is being built.
  private func reserve(
    _ name: String, for loaded: LoadedPolicy, request: Spawn.Request, owner: UInt32
  ) throws(Fault) {
    let policy = loaded.policy
    if let present = tenants[name], present.exit == nil {
      let doing = present.isBackingOff ? "is backing off" : "runs already"
      throw Fault(
        .tenantExists, "a tenant '\(name)' \(doing)", mend: "stop it first, or choose another `--name`")
    }
    let running = tenants.values.count { $0.exit == nil }
    guard running < settings.mostTenants else {
      throw Fault(
        .tooManyTenants, "\(running) tenants run, which is the most that the configuration allows",
        mend: "end one, or raise `admission: {tenants}` in isolated.yaml")
    }
    let maximum = policy.memory.max.value.bytes
    let reserved = policy.memory.min?.value.bytes ?? 0
    do throws(Fault) {
      try memory.admit(name, reserved: reserved, maximum: maximum)
    } catch {
      var fault = error
      fault.position = policy.memory.max.position
      throw fault
    }
    var record = TenantRecord(
      name: name, policy: request.policy ?? request.documentName ?? policy.tenant.value.text, owner: owner, pid: 0,
      startTicks: 0, startedMicroseconds: WallClock.microseconds(),
      startedBootMicroseconds: BootClock.microseconds(), command: request.command ?? policy.command.value,
      group: "", firstIdentity: 0, limits: [], capabilities: [], seccomp: "", notEnforced: [],
      reservedMemory: reserved, maximumMemory: maximum, logPlace: .stdio,
      stopSignal: policy.stop.signal.value.number, stopGraceMicroseconds: policy.stop.grace.value.microseconds,
      isForeground: request.foreground, source: loaded.source,
      terminal: request.terminal, environment: request.environment)
    record.follow(policy, life: parts.life, at: BootClock.microseconds())
    tenants[name] = Tenant(record: record, phase: .starting)
  }

  /// Gives back what ``reserve(_:for:request:owner:)`` took, and tells who waits already.
  private func abandon(_ name: String) {
    memory.release(name)
    parts.ioAdmission.release(name)
    parts.io.end(name)
    let waiters = tenants.removeValue(forKey: name)?.waiters ?? [:]
    for waiter in waiters.values { waiter.resume(returning: Exit(cause: .initLost, durationUsec: 0)) }
    do throws(Fault) {
      try parts.store.remove(name)
    } catch {
      parts.log.error("cannot remove state", metadata: ["fault": "\(error)"])
    }
  }

  private nonisolated func prepare(
    _ name: String, _ policy: TenantPolicy, _ request: Spawn.Request, hasStreams: Bool, times: consuming SpawnTimes
  ) throws(Fault) -> TenantStart {
    times.end(.queue)
    let range = try parts.identities.range(of: name)
    let settings = settings
    let bound = SandboxSpec.LogSettings(
      identifier: name, bytesPerSecond: policy.logs.rate?.value.bytesPerSecond ?? settings.logRate,
      burst: policy.logs.burst?.value.bytes ?? settings.logBurst,
      fileSize: policy.logs.fileSize?.value.bytes ?? settings.logFileSize)
    var built = try parts.specs.build(
      policy, name: name, range: range, command: request.command, environment: request.environment ?? [:],
      logs: hasStreams ? nil : bound)
    if let terminal = request.terminal { built.spec.give(terminal, isForeground: request.foreground) }
    let places = try IOPlace.all(policy.io)
    let asked = LimitPlan.limits(of: policy) + IOLimitPlan.limits(of: places)
    var refused = parts.groups.notEnforceable(asked) + built.notEnforceable
    let disk = try DiskBound.asked(by: policy, range: range)
    refused += disk.notEnforceable
    let bandwidthRefusal = parts.bandwidth.notEnforceable(policy.memory)
    if let bandwidthRefusal { refused.append(bandwidthRefusal) }
    var admitted: IOAdmission.Admitted?
    if parts.groups.controllers.contains(.io) {
      let answer = try parts.ioAdmission.admit(name, policy, places: places)
      refused += answer.notEnforceable
      admitted = answer
    } else {
      refused += IOLimitPlan.unscheduled(places)
    }
    if let objection = SeccompLog.objection(to: policy.seccomp) { refused.append(objection) }
    if let first = refused.first, policy.enforcement == .strict { throw first }
    times.end(.plan)
    return TenantStart(
      name: name, built: built, limits: asked.filter { parts.groups.controllers.contains($0.controller) },
      devices: policy.devices, isStrict: policy.enforcement == .strict,
      notEnforced: refused.map(\.message) + Self.unrefused(policy.seccomp),
      io: admitted?.record, assignments: admitted?.assignments ?? [], times: times, disk: disk,
      bandwidthPercent: bandwidthRefusal == nil ? BandwidthGroups.percent(of: policy.memory) : nil)
  }

  private static func unrefused(_ seccomp: Policy.SeccompPolicy) -> [String] {
    seccomp.mode.value == .log ? ["seccomp is in log mode: it refuses no system call"] : []
  }

  /// All that may have to wait for a disk or for the kernel, on a thread that may.
  func launch(
    _ name: String, _ policy: TenantPolicy, _ request: Spawn.Request, streams: [SharedDescriptor]?
  ) async throws(Fault) -> TenantStart.Launched {
    let parts = parts
    guard let record = tenants[name]?.record else {
      throw Fault(.internalError, "a tenant vanished while it started")
    }
    let times = SpawnTimes()
    let threads = policy.disk == nil ? parts.threads : parts.diskThreads
    return try await threads.run { [self] () throws(Fault) in
      let start = try prepare(name, policy, request, hasStreams: streams != nil, times: times)
      return try start.launch(record: record, streams: streams, parts: parts)
    }
  }

  /// Takes note that a tenant runs; `user` is who asked for it.
  func began(
    _ name: String, _ launched: TenantStart.Launched, health: HealthPolicy?, by user: UInt32
  ) throws(Fault) -> Spawn.Reply {
    let before = tenants[name]
    tenants[name] = Tenant(
      record: launched.record, phase: .running, group: launched.group, process: launched.process,
      protection: launched.protection, endsOnceStarted: before?.endsOnceStarted, waiters: before?.waiters ?? [:])
    try watch(name, launched.process)
    followHealth(of: name, by: health)
    parts.io.begin(name, group: launched.group, assignments: launched.assignments)
    publishStart(of: name)
    parts.log.info(
      "spawned",
      metadata: [
        "tenant": "\(name)", "pid": "\(launched.record.pid)", "by": "\(user)",
        "policy": "\(launched.record.policy)",
      ])
    parts.measures.spawned(launched.times)
    return Spawn.Reply(name: name, pid: Int(launched.record.pid), notEnforced: launched.record.notEnforced)
  }

  /// Has ``ended(_:pid:)`` called when the process ends.
  func watch(_ name: String, _ process: SharedDescriptor) throws(Fault) {
    guard let pid = tenants[name]?.record.pid else { return }
    try parts.exits.watch(process) { [self] in
      Task(executorPreference: self.executor) { await self.ended(name, pid: pid) }
    }
  }

  /// Waits until a tenant has ended; at once if it has.
  func untilEnded(_ name: String) async throws(Fault) -> Exit {
    guard let tenant = tenants[name] else { throw Self.unknown(name) }
    if let exit = tenant.exit { return exit }
    nextWaiter += 1
    let number = nextWaiter
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        // On the way here the actor may have been left: the end may have come in between.
        guard let tenant = tenants[name], tenant.exit == nil else {
          continuation.resume(returning: tenants[name]?.exit ?? Exit(cause: .initLost, durationUsec: 0))
          return
        }
        tenants[name]?.waiters[number] = continuation
      }
    } onCancel: {
      // A client that hung up: nobody reads the answer, but a continuation must be resumed.
      Task { await self.dropWaiter(number, of: name) }
    }
  }

  private func dropWaiter(_ number: Int, of name: String) {
    let waiter = tenants[name]?.waiters.removeValue(forKey: number)
    waiter?.resume(returning: Exit(cause: .killed, durationUsec: 0))
  }

  static func unknown(_ name: String) -> Fault {
    Fault(.unknownTenant, "there is no tenant '\(name)'", mend: "`isoctl ps` lists them")
  }
}
