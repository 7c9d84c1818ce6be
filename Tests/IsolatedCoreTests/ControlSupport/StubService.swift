import ControlProtocol
import Faults
import Glibc
import IsolatedCore
import Kernel

/// A control service without tenants: it records what it was asked and answers from a script, and runs the commands
/// of spawns as plain child processes of the test.
final class StubService: ControlService {
  struct State {
    var spawned: [Spawn.Request] = []
    var executed: [Exec.Request] = []
    /// What `Attach` hands over sessions of.
    var terminals: [String: StubTerminal] = [:]
    var attachRefusal: Fault?
    var detached: [String] = []
    var kills: [Kill.Request] = []
    var stops: [Stop.Request] = []
    var forgotten: [String] = []
    var attending = 0
    var attendedAfterCancellation = 0
    var waitsCancelled = 0
    var waitsStarted = 0
    var tenants: [TenantSummary] = []
    var disks: [IODisk] = []
    var frozen: [String] = []
    var updates: [Update.Request] = []
    var usages: [Usage.Reply] = []
    var usageAsked = 0
    var statusAsked = 0
    var refusal: Fault?
    var logsAsked = 0
    var logs: (reply: Logs.Reply, path: String?)?
    var children: [String: pid_t] = [:]
    var exits: [String: Exit] = [:]
  }

  let state = Guarded(State())

  /// What happens to tenants, as tests make it happen.
  let happenings = TenantEvents()

  func spawn(
    _ request: Spawn.Request, peer: ControlPeer, descriptors: [SharedDescriptor]
  ) async throws(Fault) -> Spawn.Reply {
    let refusal = state.withLock { state in
      state.spawned.append(request)
      return state.refusal
    }
    if let refusal { throw refusal }
    let name = request.name ?? request.policy ?? "stub"
    let pid = try Self.start(request, descriptors)
    state.withLock { $0.children[name] = pid }
    return Spawn.Reply(
      name: name, pid: Int(pid), notEnforced: request.document == "lax" ? ["io.latency"] : [])
  }

  func attend(_ spawned: Spawn.Reply, peer: ControlPeer) async throws(Fault) -> Exit {
    let pid = pid_t(spawned.pid)
    state.withLock { $0.attending += 1 }
    return await withTaskCancellationHandler {
      await Self.reap(pid)
    } onCancel: {
      state.withLock { $0.attendedAfterCancellation += 1 }
      _ = Glibc.kill(pid, SIGKILL)
    }
  }

  func wait(_ request: TenantName, peer: ControlPeer) async throws(Fault) -> Exit {
    guard request.name != "forever" else { return await waitForever() }
    if request.name == "short" {
      while state.withLock({ $0.exits["short"] == nil }), !Task.isCancelled {
        // Cancelled, it returns at once, and the loop ends.
        do { try await Task.sleep(for: .milliseconds(5)) } catch {}
      }
    }
    guard let exit = state.withLock({ $0.exits[request.name] }) else { throw Self.unknown(request.name) }
    return exit
  }

  private func waitForever() async -> Exit {
    state.withLock { $0.waitsStarted += 1 }
    do { try await Task.sleep(for: .seconds(3600)) } catch { state.withLock { $0.waitsCancelled += 1 } }
    return Exit(status: 0, cause: .exited, durationUsec: 1)
  }

  func list(peer: ControlPeer) async throws(Fault) -> [TenantSummary] { state.withLock { $0.tenants } }

  func inspect(_ request: TenantName, peer: ControlPeer) async throws(Fault) -> Inspection {
    guard let summary = state.withLock({ $0.tenants.first { $0.name == request.name } }) else {
      throw Self.unknown(request.name)
    }
    return Inspection(
      summary: summary, command: ["/usr/sbin/nginx", "-g", "daemon off;"], cgroup: "/isolated/web",
      namespaces: ["net": 4_026_531_992, "pid": 4_026_531_836], idRange: .init(first: 524_288, count: 65_536),
      limits: [.init(file: "memory.max", asked: "512M", kernel: "536870912")],
      capabilities: ["CAP_NET_BIND_SERVICE"], seccomp: "default",
      mounts: [.init(target: "/usr", source: "/usr", options: "ro,nosuid,nodev")],
      notEnforced: ["io.latency"],
      logs: .init(source: .journal, identifier: request.name, user: 65_536),
      io: [.init(timeUsec: 1_795_410_083_250_000, disk: "nvme0n1", text: "held to a fifth: others wait")],
      ioPromises: ["nvme0n1, by /srv/web: weight 500"],
      ioSensor: "the kernel doesn't describe its types")
  }

  func kill(_ request: Kill.Request, peer: ControlPeer) async throws(Fault) {
    let child = state.withLock { state in
      state.kills.append(request)
      return state.children[request.name]
    }
    guard let child else { throw Self.unknown(request.name) }
    _ = Glibc.kill(child, Int32(request.signal))
  }

  func stop(_ request: Stop.Request, peer: ControlPeer) async throws(Fault) -> Stop.Reply {
    state.withLock { $0.stops.append(request) }
    let exit = Exit(signal: 15, cause: .signaled, durationUsec: 2_500_000)
    let proxy = Stop.Dependant(name: "proxy", exit: Exit(status: 0, cause: .exited, durationUsec: 1_000_000))
    return Stop.Reply(exit: exit, dependants: request.name == "base" ? [proxy] : nil)
  }

  func forget(_ request: TenantName, peer: ControlPeer) async throws(Fault) {
    state.withLock { $0.forgotten.append(request.name) }
  }

  func logs(
    _ request: TenantName, peer: ControlPeer
  ) async throws(Fault) -> (reply: Logs.Reply, descriptors: [SharedDescriptor]) {
    let known = state.withLock { state in
      state.logsAsked += 1
      return state.logs
    }
    guard let logs = known else { throw Self.unknown(request.name) }
    guard let path = logs.path else { return (logs.reply, []) }
    let file = try systemCall("open", path: path) { open(path, O_RDONLY | O_CLOEXEC) }
    return (logs.reply, [SharedDescriptor(owning: file)])
  }

  func ioStatus(peer: ControlPeer) async throws(Fault) -> [IODisk] {
    state.withLock { state in
      state.statusAsked += 1
      return state.disks
    }
  }

  func version(peer: ControlPeer) async throws(Fault) -> Version.Reply {
    Version.Reply(version: "0.0-stub", kernel: "6.12.0", machine: "x86_64", controllers: ["cpu", "memory"])
  }

  func freeze(_ request: TenantName, peer: ControlPeer) async throws(Fault) {
    if request.name == "nobody" { throw Self.unknown(request.name) }
    state.withLock { $0.frozen.append(request.name) }
  }

  func thaw(_ request: TenantName, peer: ControlPeer) async throws(Fault) {
    state.withLock { $0.frozen.removeAll { $0 == request.name } }
  }

  func update(_ request: Update.Request, peer: ControlPeer) async throws(Fault) -> Update.Reply {
    state.withLock { $0.updates.append(request) }
    if request.name == "nobody" { throw Self.unknown(request.name) }
    let change = Update.Change(what: "memory.max", before: "67108864", after: "134217728")
    return Update.Reply(
      changes: request.name == "same" ? [] : [change], warnings: request.name == "small" ? ["it is slowed down"] : [])
  }

  func events(_ request: Events.Request, peer: ControlPeer) async throws(Fault) -> TenantEventStream {
    happenings.listen(to: request.tenants, owner: nil, since: request.sinceUsec)
  }

  func usage(peer: ControlPeer) async throws(Fault) -> Usage.Reply {
    state.withLock { state in
      defer { state.usageAsked += 1 }
      let empty = Usage.Reply(clockUsec: 0, processors: 1, tenants: [])
      return state.usages.isEmpty ? empty : state.usages[min(state.usageAsked, state.usages.count - 1)]
    }
  }

  func exec(
    _ request: Exec.Request, peer: ControlPeer, descriptors: [SharedDescriptor]
  ) async throws(Fault) -> SharedDescriptor {
    let refusal = state.withLock { state in
      state.executed.append(request)
      return state.refusal
    }
    if let refusal { throw refusal }
    let pid = try Self.start(Spawn.Request(command: request.command, stdio: request.stdio), descriptors)
    return try StubSession.attend(pid)
  }

  func attach(_ request: TenantName, peer: ControlPeer) async throws(Fault) -> SharedDescriptor {
    let (session, refusal) = state.withLock { ($0.terminals[request.name]?.session, $0.attachRefusal) }
    if let refusal { throw refusal }
    guard let session else { throw Self.unknown(request.name) }
    return session
  }

  func detach(_ request: TenantName, peer: ControlPeer) async throws(Fault) {
    state.withLock { $0.detached.append(request.name) }
  }

  static func unknown(_ name: String) -> Fault {
    Fault("tenant.unknown", "there is no tenant \(name)", mend: "see isoctl ps")
  }

  /// Starts the command with the descriptors that came with the call as its streams.
  private static func start(_ request: Spawn.Request, _ descriptors: [SharedDescriptor]) throws(Fault)
    -> pid_t
  {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    if let stdio = request.stdio {
      for (target, index) in [stdio.stdin, stdio.stdout, stdio.stderr].enumerated() {
        posix_spawn_file_actions_adddup2(&actions, descriptors[index].rawValue, Int32(target))
      }
    }
    let command = request.command ?? ["/bin/true"]
    var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    var pid: pid_t = 0
    // The concurrency pool's threads block nearly all signals, and children inherit that.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    let number = posix_spawn(&pid, command[0], &actions, &attributes, &arguments, environ)
    withExtendedLifetime(descriptors) {}
    guard number == 0 else {
      throw Fault(
        "sandbox.exec-failed", "cannot run the command", systemCall: "execve", path: command[0],
        errno: ErrorNumber(number))
    }
    return pid
  }

  /// Waits on a thread of its own, since waitpid(2) blocks.
  private static func reap(_ pid: pid_t) async -> Exit {
    await withCheckedContinuation { continuation in
      DetachedThread.run {
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
        let signal = status & 0x7f
        continuation.resume(
          returning: signal == 0
            ? Exit(status: Int((status >> 8) & 0xff), cause: .exited, durationUsec: 1000)
            : Exit(signal: Int(signal), cause: .signaled, durationUsec: 1000))
      }
    }
  }
}
