import CLinux
import CgroupKit
import ControlProtocol
import Dispatch
import Faults
import Glibc
import Kernel
import Logging
import Sandbox

extension Fault.Code {
  /// The state directory lies where tenants can't follow.
  public static let unreachableState: Self = "configuration.unreachable-state"
}

/// The daemon, put together.
public enum Daemon {
  /// Runs until SIGTERM or SIGINT. Call it on the process's first thread, before any other exists.
  ///
  /// - Parameters:
  ///   - configuration: see isolated.yaml.
  ///   - path: where it was read, and is read again on SIGHUP; nil for the standard file.
  /// - Throws: what keeps the daemon from serving.
  public static func run(_ configuration: DaemonConfiguration, path: String?) throws(Fault) -> Never {
    umask(0o022)
    signal(SIGPIPE, SIG_IGN)
    let signals = blockedSignals()
    let passedSocket = try SocketActivation.takeSocket()
    try makeDirectory(configuration.stateDirectory.value, mode: 0o755)
    try makeDirectory(configuration.persistentStateDirectory.value, mode: 0o700)
    let templateDirectory = configuration.stateDirectory.value + "/root"
    try makeDirectory(templateDirectory, mode: 0o755)
    try requireReachable(templateDirectory)
    let filterDirectory = configuration.seccompCacheDirectory.value
    try makeDirectory(
      String(filterDirectory[..<(filterDirectory.lastIndex(of: "/") ?? filterDirectory.endIndex)]), mode: 0o755)
    try makeDirectory(filterDirectory, mode: 0o700)
    try PrivateMounts.enter()
    let template = try HostTemplate(directory: templateDirectory)

    LoggingSystem.bootstrap { DaemonLog(label: $0) }
    let log = Logger(label: "isolated")
    let program = try InitProgram(path: configuration.tenantInit.value)
    let pool = NamespacePool(program: program, size: 8) { fault in
      log.error("cannot make namespaces ahead of time", metadata: ["fault": "\(fault)"])
    }
    try DedicatedThread.start(name: "namespaces") { pool.fill() }
    let audit = try AuditLog(directory: configuration.logs.directory.value) { fault, lost in
      log.error("cannot write the audit trail", metadata: ["fault": "\(fault)", "lost": "\(lost)"])
    }
    let groups = try TenantGroups(configuration.groupParent.value)
    let liveness = Liveness()
    let schedulerDirectory = configuration.stateDirectory.value + "/io"
    try makeDirectory(schedulerDirectory, mode: 0o700)
    let scheduler =
      groups.controllers.contains(.io)
      ? try IOControl(groups: groups, directory: schedulerDirectory, liveness: liveness, log: log) : nil
    let parts = SupervisorParts(
      groups: groups, audit: audit,
      devices: DeviceRules(), store: try StateStore(directory: configuration.stateDirectory.value + "/tenants"),
      identities: try IdentityLedger(
        path: configuration.persistentStateDirectory.value + "/ids", first: configuration.identityRanges.first.value,
        count: configuration.identityRanges.count.value),
      library: PolicyLibrary(),
      specs: SpecBuilder(filters: SeccompCache(directory: filterDirectory)) { fault in
        log.warning("cached filter", metadata: ["fault": "\(fault)"])
      },
      launcher: Launcher(program: program, template: template, pool: pool), threads: try BlockingThreads(count: 4),
      diskThreads: try BlockingThreads(count: 2, name: "disk"), exits: try ExitWatcher(),
      logs: LogSinks(directory: configuration.logs.directory.value),
      protection: MemoryProtection(above: groups.root, in: groups.hierarchyRoot), io: scheduler ?? NoIOControl(),
      ioAdmission: IOAdmission(calibrations: configuration.persistentStateDirectory.value + "/io"),
      settings: Guarded(LiveSettings(configuration)),
      log: log, life: try StartedTenants.life(of: groups.root.path),
      lookouts: try BlockingThreads(count: 1, name: "lookout"))
    let executor = try LoopExecutor()
    let supervisor = Supervisor(
      parts: parts,
      memory: MemoryLedger(
        total: try HostMemory.total(), hostReserve: configuration.admission.memoryReserve.value.bytes,
        allowsOvercommit: configuration.admission.memoryOvercommit.value),
      executor: executor)
    let readiness = Readiness("still taking over the tenants that run")
    let scrape = try ScrapeServer(
      configuration: configuration.metrics, source: try ScrapeReport(of: supervisor, readiness: readiness), log: log)
    let group = ControlListener.group(configuration.group.value, log: log)

    let recovered = Guarded(false)
    Task(executorPreference: executor) {
      await supervisor.recover()
      recovered.withLock { $0 = true }
      executor.wake()
    }
    try executor.run { recovered.withLock { $0 } }
    scheduler?.recovered()
    let listener =
      if let passedSocket {
        try ControlListener(
          adopting: OwnedDescriptor(owning: passedSocket), path: configuration.socket.value, group: group)
      } else {
        try ControlListener(path: configuration.socket.value, group: group)
      }
    let server = try ControlServer(
      listener: listener, limits: ControlLimits(),
      handler: ControlDispatcher(supervisor.audited, version: isolatedVersion, url: ""), executor: executor,
      exits: parts.exits, liveness: liveness, report: { log.warning("control", metadata: ["fault": "\($0)"]) })
    readiness.serves()
    audit.record(AuditRecord(.daemonStart).with(.version, isolatedVersion))
    log.info("serving", metadata: ["socket": "\(configuration.socket.value)", "group": "\(parts.groups.root.path)"])

    let started = StartedTenants(
      path: configuration.stateDirectory.value + "/started", life: parts.life)
    let installed = configuration.tenantsDirectory.value
    Task(executorPreference: executor) { await supervisor.startInstalled(from: installed, started: started) }
    var loop = ServiceLoop(
      signals: signals, socket: configuration.socket.value,
      reloader: Reloader(path: path, current: configuration, supervisor: supervisor, scrape: scrape, log: log),
      watchdog: Watchdog(liveness, log: log), log: log)
    let received = loop.run()
    readiness.serves(notSince: "stopping")
    try SystemdNotify.send("STOPPING=1")
    log.info("stopping; tenants run on", metadata: ["signal": "\(received)"])
    let stopped = DispatchSemaphore(value: 0)
    Task {
      await scrape.stop()
      await server.stop()
      stopped.signal()
    }
    stopped.wait()
    scheduler?.stop()
    audit.record(AuditRecord(.daemonStop).with(.signal, received))
    audit.finish()
    exit(0)
  }

  /// Blocks the signals that the daemon hears, here and in every thread to come; the main thread takes them.
  private static func blockedSignals() -> sigset_t {
    var set = sigset_t()
    sigemptyset(&set)
    for number in [SIGTERM, SIGINT, SIGHUP] { sigaddset(&set, number) }
    pthread_sigmask(SIG_BLOCK, &set, nil)
    return set
  }

  /// A tenant's first process, nobody on the host by then, opens the directory on which its root is put together.
  private static func requireReachable(_ path: String) throws(Fault) {
    var ancestor = path
    while let slash = ancestor.lastIndex(of: "/") {
      var status = stat()
      try systemCall("stat", path: ancestor, message: "cannot look at the daemon's directory") {
        stat(ancestor.isEmpty ? "/" : ancestor, &status)
      }
      guard status.st_mode & S_IXOTH != 0 else {
        throw Fault(
          .unreachableState, "tenants can't reach the daemon's directory, since not everybody may enter it",
          path: ancestor, mend: "chmod o+x it, or move `state:` of isolated.yaml")
      }
      ancestor = String(ancestor[..<slash])
    }
  }

  private static func makeDirectory(_ path: String, mode: mode_t) throws(Fault) {
    if mkdir(path, mode) == 0 || errno == EEXIST { return }
    throw Fault(
      .systemCallFailed, "cannot make the daemon's directory", systemCall: "mkdir", path: path,
      errno: ErrorNumber(errno))
  }
}
