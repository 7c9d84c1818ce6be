import CLinux
import ControlProtocol
import Faults
import Glibc
import Kernel
import Policy
import PolicyTools
import Sandbox

/// Runs a program once, as a tenant of the daemon, and watches what it uses.
///
/// The tenant has the default filter, an id range and a group of its own, and the host's root file system beneath an
/// overlay in memory: it sees what its user may see on the host, and changes nothing of it but what is `writable`.
struct LearningRun {
  /// What is asked.
  struct Options {
    var setup: LearntPolicy.Setup
    /// Ends the run; nil for never.
    var duration: TimeSpan?
    var memory: ByteSize
    /// Host paths that the run may really change.
    var writable: [String]
    var stopSignal: Int32
    /// Whether the program's output may go to standard output.
    var ownsOutput: Bool
  }

  /// What came of it.
  struct Outcome {
    var use: ProgramUse
    /// How the program ended, as wait(2) has it.
    var status: Int32
    /// Whether it was asked to end.
    var wasStopped: Bool
  }

  private let options: Options
  private let connection: Connection
  /// Between the signal and SIGKILL, as for tenants.
  private static let grace: Int64 = 10_000_000_000
  /// Where the tenant finds this program.
  private static let holder = "/.isolated-learn"

  init(_ options: Options, _ connection: Connection) {
    self.options = options
    self.connection = connection
  }

  /// The policy of the run itself.
  func policy() throws(Fault) -> String {
    let setup = options.setup
    var text = PolicyText()
    text.line("tenant: \(tenant)")
    text.list("command", [Self.holder, "policy", "learn", "--hold", "--"] + setup.command)
    text.line("user: \(PolicyText.principal(setup.user))")
    if let group = setup.group { text.line("group: \(PolicyText.principal(group))") }
    text.line("directory: \(PolicyText.scalar(setup.directory))")
    text.line("root:")
    text.line("  base: \(PolicyText.scalar(setup.base.directory ?? "/"))")
    text.line("  overlay: tmpfs")
    text.line("  size: \(options.memory)")
    text.line("  readable: [{path: \(Self.holder), source: \(PolicyText.scalar(try Self.ownProgram()))}]")
    text.list("writable", options.writable, indent: 2)
    text.line("  tmpfs:")
    for path in setup.base.temporary { text.line("    - {path: \(PolicyText.scalar(path)), size: \(options.memory)}") }
    text.line("memory: {max: \(options.memory)}")
    text.line("pids: {max: 4096}")
    text.line("network: {mode: \(setup.hadNetwork ? "host" : "none")}")
    text.list("capabilities", setup.capabilities.map(\.name))
    if !setup.allowedCalls.isEmpty {
      text.line("seccomp:")
      text.list("allow", setup.allowedCalls, indent: 2)
    }
    if !setup.environment.isEmpty {
      text.line("environment:")
      for (name, value) in setup.environment.sorted(by: { $0.key < $1.key }) {
        text.line("  \(PolicyText.scalar(name)): \(PolicyText.scalar(value))")
      }
    }
    return text.text
  }

  private var tenant: String { "learn-" + options.setup.tenant }

  /// Does it all.
  func perform() throws(Fault) -> Outcome {
    let signals = Self.blockSignals()
    var client = try connection.open()
    let streams = try standardStreams()
    let request = Spawn.Request(
      document: try policy(), documentName: "the run's own policy", stdio: Stdio(stdin: 0, stdout: 1, stderr: 2),
      foreground: true)
    try withExtendedLifetime(streams) { () throws(Fault) in
      try client.send(Spawn.encodeCall(request, more: true), descriptors: streams)
    }
    let started = try client.receive(Spawn.Reply.self).reply
    let inspection = try connection.call(Inspect.self, .init(name: started.name)).reply.tenant
    let process = try Self.heldProcess(of: started.pid)
    let filter = try SeccompCompiler.compile(
      Sandbox.SeccompPolicy.standard(capabilities: Set(options.setup.capabilities))
        .overridden(allow: options.setup.allowedCalls, deny: []))
    let architecture = SeccompArchitecture.native.auditArchitecture
    let recorder = UseRecorder(
      names: SystemCallNames.native, heldCapabilities: Set(options.setup.capabilities.map(\.name))
    ) { number, arguments in
      filter.instructions.evaluate(
        SystemCallAttempt(
          number: UInt32(truncatingIfNeeded: number), auditArchitecture: architecture, arguments: arguments))
        == SeccompAction.allow.returnValue
    }
    let peak = inspection.cgroup + "/memory.peak"
    var tracer = try CallTracer(
      process, recorder: recorder, firstIdentity: UInt32(clamping: inspection.idRange.first)
    ) {
      (try? SmallFile.read(peak, limit: 64)).flatMap { UInt64($0.split(separator: "\n").first ?? "") }
    }
    let wasStopped = try watch(&tracer, process, signals)
    // The daemon keeps no record of a tenant of the foreground once its end has been told.
    _ = try client.receive(Spawn.Reply.self)
    guard tracer.hasStarted else {
      throw Fault(
        .cannotTrace, "the program was never executed", path: options.setup.command.first,
        mend: "it must be in the run's root, and its user may execute it")
    }
    return Outcome(use: tracer.recorder.use, status: tracer.status ?? 0, wasStopped: wasStopped)
  }

  /// Follows the program to its end, and asks for it when the time has come or a signal says so.
  private func watch(_ tracer: inout CallTracer, _ process: Int32, _ signals: sigset_t) throws(Fault) -> Bool {
    var signals = signals
    var deadline = options.duration.map { MonotonicClock.nanoseconds() + Int64(clamping: $0.microseconds) * 1000 }
    var wasStopped = false
    while true {
      try tracer.advance()
      if tracer.isOver { return wasStopped }
      var arrived = clinux_signal()
      let number: Int32
      if let deadline {
        let left = max(0, deadline - MonotonicClock.nanoseconds())
        var timeout = timespec(tv_sec: Int(left / 1_000_000_000), tv_nsec: Int(left % 1_000_000_000))
        number = clinux_wait_signal(&signals, &timeout, &arrived)
      } else {
        number = clinux_wait_signal(&signals, nil, &arrived)
      }
      if number == SIGCHLD || number < 0 && errno == EINTR { continue }
      // The time is over, or somebody wants the end: once politely.
      kill(process, wasStopped ? SIGKILL : options.stopSignal)
      wasStopped = true
      deadline = MonotonicClock.nanoseconds() + Self.grace
    }
  }

  /// SIGCHLD tells of tracees; the others ask for the end. Blocked, they wait to be fetched.
  private static func blockSignals() -> sigset_t {
    var set = sigset_t()
    sigemptyset(&set)
    for signal in [SIGCHLD, SIGINT, SIGTERM, SIGHUP] { sigaddset(&set, signal) }
    // An ignored SIGCHLD, as a parent may leave it, would have no news come.
    signal(SIGCHLD, SIG_DFL)
    sigprocmask(SIG_BLOCK, &set, nil)
    return set
  }

  /// The held start, once it has stopped itself.
  private static func heldProcess(of first: Int) throws(Fault) -> Int32 {
    for _ in 0..<3000 {
      let children = (try? SmallFile.read("/proc/\(first)/task/\(first)/children", limit: 4096)) ?? ""
      if let process = children.split(separator: " ").first.flatMap({ Int32($0) }),
        let status = try? SmallFile.read("/proc/\(process)/stat", limit: 4096),
        // The state follows the name, which may hold anything, in parentheses.
        let end = status.lastIndex(of: ")"), status[end...].dropFirst(2).first == "T"
      {
        return process
      }
      usleep(10_000)
    }
    throw Fault(
      .cannotTrace, "the program's start didn't come within 30 seconds",
      mend: "see what the daemon says: journalctl -u isolated")
  }

  private static func ownProgram() throws(Fault) -> String {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let length = try systemCall("readlink", path: "/proc/self/exe") {
      readlink("/proc/self/exe", &buffer, buffer.count)
    }
    return String(decoding: buffer[..<min(length, buffer.count)], as: UTF8.self)
  }

  /// Copies, since those who send descriptors own and close them. Where the policy goes to standard output, what the
  /// program prints there goes to standard error.
  private func standardStreams() throws(Fault) -> [SharedDescriptor] {
    var streams: [SharedDescriptor] = []
    for stream in [0, options.ownsOutput ? 1 : 2, 2] as [Int32] {
      streams.append(SharedDescriptor(owning: try systemCall("fcntl") { fcntl(stream, F_DUPFD_CLOEXEC, 3) }))
    }
    return streams
  }
}
