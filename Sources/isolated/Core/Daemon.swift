import CLinux
import CgroupKit
import ControlProtocol
import Dispatch
import Faults
import Glibc
import Kernel
import Logging
import Sandbox

/// The daemon, put together.
public enum Daemon {
  /// Runs until SIGTERM or SIGINT. Call it on the process's first thread, before any other exists.
  ///
  /// - Parameter configuration: see isolated.yaml.
  /// - Throws: what keeps the daemon from serving.
  public static func run(_ configuration: DaemonConfiguration) throws(Fault) -> Never {
    umask(0o022)
    signal(SIGPIPE, SIG_IGN)
    let ends = blockedEndSignals()
    try makeDirectory(configuration.stateDirectory, mode: 0o755)
    try makeDirectory(configuration.persistentDirectory, mode: 0o700)
    let templateDirectory = configuration.stateDirectory + "/root"
    try makeDirectory(templateDirectory, mode: 0o755)
    try PrivateMounts.enter()
    let template = try HostTemplate(directory: templateDirectory)

    LoggingSystem.bootstrap { DaemonLog(label: $0) }
    let log = Logger(label: "isolated")
    let program = try InitProgram(path: configuration.initPath)
    let parts = SupervisorParts(
      groups: try TenantGroups(path: configuration.groupPath),
      store: try StateStore(directory: configuration.stateDirectory + "/tenants"),
      identities: try IdentityLedger(
        path: configuration.persistentDirectory + "/ids", first: configuration.firstIdentity,
        count: configuration.identityCount),
      library: PolicyLibrary(directories: configuration.policyDirectories),
      specs: SpecBuilder(filters: SeccompCache(directory: configuration.filterCacheDirectory)),
      launcher: Launcher(program: program, template: template), threads: try BlockingThreads(count: 4),
      exits: try ExitWatcher { log.error("cannot watch tenants", metadata: ["fault": "\($0)"]) },
      logs: LogSinks(directory: configuration.logDirectory),
      settings: TenantSettings(
        mostTenants: configuration.mostTenants, logRate: configuration.logRate, logBurst: configuration.logBurst,
        logFileSize: configuration.logFileSize),
      log: log)
    let supervisor = Supervisor(
      parts: parts,
      memory: MemoryLedger(
        total: try HostMemory.total(), hostReserve: configuration.hostMemoryReserve,
        allowsOvercommit: configuration.allowsMemoryOvercommit))
    let group = HostAccounts.group(named: configuration.controlGroup)
    if group == nil {
      log.warning("no such group: the socket is root's alone", metadata: ["group": "\(configuration.controlGroup)"])
    }

    let started = DispatchSemaphore(value: 0)
    Task {
      await supervisor.recover()
      started.signal()
    }
    started.wait()
    let server = try ControlServer(
      listener: try ControlListener(path: configuration.socketPath, group: group), limits: ControlLimits(),
      handler: ControlDispatcher(supervisor, version: isolatedVersion, url: ""),
      report: { log.warning("control", metadata: ["fault": "\($0)"]) })
    try SystemdNotify.send("READY=1\nSTATUS=Serving \(configuration.socketPath)")
    log.info("serving", metadata: ["socket": "\(configuration.socketPath)", "group": "\(parts.groups.root.path)"])

    var end = ends
    var received: Int32 = 0
    sigwait(&end, &received)
    try SystemdNotify.send("STOPPING=1")
    log.info("stopping; tenants run on", metadata: ["signal": "\(received)"])
    let stopped = DispatchSemaphore(value: 0)
    Task {
      await server.stop()
      stopped.signal()
    }
    stopped.wait()
    exit(0)
  }

  /// Blocks the signals that end the daemon, here and in every thread to come; one sigwait takes them.
  private static func blockedEndSignals() -> sigset_t {
    var set = sigset_t()
    sigemptyset(&set)
    for number in [SIGTERM, SIGINT, SIGHUP] { sigaddset(&set, number) }
    pthread_sigmask(SIG_BLOCK, &set, nil)
    sigdelset(&set, SIGHUP)
    return set
  }

  private static func makeDirectory(_ path: String, mode: mode_t) throws(Fault) {
    if mkdir(path, mode) == 0 || errno == EEXIST { return }
    throw Fault(
      .systemCallFailed, "cannot make the daemon's directory", systemCall: "mkdir", path: path,
      errno: ErrorNumber(errno))
  }
}
