import Sandbox

/// The smallest policy under which a program can do again what a run of it was seen to do.
public struct LearntPolicy: Sendable {
  /// What was decided before the run, and goes into the policy as it is.
  public struct Setup: Sendable {
    /// The tenant's name.
    public var tenant: String
    /// The program and its arguments.
    public var command: [String]
    /// `user`.
    public var user: String
    /// `group`, if it was given.
    public var group: String?
    /// `directory`.
    public var directory: String
    /// `environment`.
    public var environment: [String: String]
    /// The root of the policy.
    public var base: FileGrants.Base
    /// Whether the run had the host's network.
    public var hadNetwork: Bool
    /// What the program held, in full names.
    public var capabilities: [Capability]
    /// Calls that the run allowed beyond the default profile's.
    public var allowedCalls: [String]
    /// The signal that asks the program to end.
    public var stopSignal: String

    /// Describes a run.
    public init(
      tenant: String, command: [String], user: String, group: String?, directory: String,
      environment: [String: String], base: FileGrants.Base, hadNetwork: Bool, capabilities: [Capability],
      allowedCalls: [String], stopSignal: String
    ) {
      self.tenant = tenant
      self.command = command
      self.user = user
      self.group = group
      self.directory = directory
      self.environment = environment
      self.base = base
      self.hadNetwork = hadNetwork
      self.capabilities = capabilities
      self.allowedCalls = allowedCalls
      self.stopSignal = stopSignal
    }
  }

  /// Calls that every program may need at moments that a run need not show: to be executed, to end, to come back from
  /// a signal, and to go on with what one interrupted.
  public static let essentialCalls = ["execve", "exit", "exit_group", "restart_syscall", "rt_sigreturn"]

  /// `seccomp: {only: …}`, sorted.
  public let calls: [String]
  /// How many calls the default profile allows.
  public let defaultCallCount: Int
  /// `root`.
  public let files: FileGrants
  /// The policy's text.
  public let text: String

  /// Draws the conclusions from a run.
  public init(_ use: ProgramUse, _ setup: Setup, host: @escaping HostLookup) {
    let standard = SeccompPolicy.standard(capabilities: Set(setup.capabilities)).allowedCalls
    defaultCallCount = standard.count
    let seen = use.calls.keys.filter { !use.wasAlwaysRefused($0) && standard.contains($0) }
    calls = Set(seen).union(Self.essentialCalls).intersection(standard).sorted()
    files = FileGrants(use, base: setup.base, host: host)
    text = Self.write(use, setup, files, calls: calls, of: defaultCallCount)
  }

  /// A tenant's name made of a program's path.
  public static func tenantName(for program: String) -> String {
    let base = program.split(separator: "/").last ?? ""
    var name = ""
    for byte in base.lowercased().utf8.prefix(48) {
      let isLetter = (97...122).contains(byte)
      let isDigit = (48...57).contains(byte)
      if isLetter || !name.isEmpty && isDigit {
        name.unicodeScalars.append(Unicode.Scalar(byte))
      } else if !name.isEmpty, !name.hasSuffix("-") {
        name += "-"
      }
    }
    while name.hasSuffix("-") { name.removeLast() }
    return name.isEmpty ? "learnt" : name
  }

  private static func write(
    _ use: ProgramUse, _ setup: Setup, _ files: FileGrants, calls: [String], of defaultCount: Int
  ) -> String {
    var text = PolicyText()
    text.comment(
      "Learnt from one run by isoctl policy learn: this is what the program used then. What it does at other times, "
        + "such as on errors, on a reload or under another load, it has to have done in the run to be in here; see "
        + "first with seccomp: {mode: log}.")
    for remark in remarks(use, setup, files) { text.comment("Not granted: it \(remark).") }
    text.line("tenant: \(setup.tenant)")
    text.list("command", setup.command)
    text.line("user: \(PolicyText.principal(setup.user))")
    if let group = setup.group { text.line("group: \(PolicyText.principal(group))") }
    if setup.directory != "/" { text.line("directory: \(PolicyText.scalar(setup.directory))") }
    if !setup.environment.isEmpty {
      text.line("environment:")
      for (name, value) in setup.environment.sorted(by: { $0.key < $1.key }) {
        text.line("  \(PolicyText.scalar(name)): \(PolicyText.scalar(value))")
      }
    }
    writeRoot(setup, files, to: &text)
    writeLimits(use, files, to: &text)
    writeNetwork(use, setup, to: &text)
    let capabilities = capabilities(use, setup)
    if !capabilities.isEmpty {
      text.comment("those of the run's that it was seen to use, or whose use can't be seen")
      text.list("capabilities", capabilities)
    }
    text.comment("\(calls.count) of the \(defaultCount) system calls that the default profile allows")
    text.line("seccomp:")
    text.line("  profile: default")
    text.list("only", calls, indent: 2)
    if !setup.allowedCalls.isEmpty { text.list("allow", setup.allowedCalls, indent: 2) }
    text.line("stop: {signal: \(setup.stopSignal), grace: 10s}")
    return text.text
  }

  private static func writeRoot(_ setup: Setup, _ files: FileGrants, to text: inout PolicyText) {
    text.line("root:")
    text.line("  base: \(setup.base.directory.map(PolicyText.scalar) ?? "host")")
    for (key, grants) in [("writable", files.writable), ("readable", files.readable)] where !grants.isEmpty {
      text.line("  \(key):")
      for grant in grants {
        text.comment(grant.reason, indent: 4)
        guard let directory = setup.base.directory else {
          text.line("    - \(PolicyText.scalar(grant.path))")
          continue
        }
        text.line(
          "    - {path: \(PolicyText.scalar(grant.path)), source: \(PolicyText.scalar(directory + grant.path))}")
      }
    }
    guard !files.temporary.isEmpty else { return }
    text.line("  tmpfs:")
    for grant in files.temporary {
      text.comment(grant.reason, indent: 4)
      text.line("    - {path: \(PolicyText.scalar(grant.path)), size: 16MiB}")
    }
  }

  private static func writeLimits(_ use: ProgramUse, _ files: FileGrants, to text: inout PolicyText) {
    let mebibyte: UInt64 = 1 << 20
    let peak = (use.peakMemory ?? 0) / mebibyte + 1
    // A bound that one run was close to would end the next: twice the peak, and what may lie in its tmpfs.
    let most = max(32, min(peak, 1 << 30) * 2 + UInt64(files.temporary.count) * 16)
    text.comment(
      use.peakMemory == nil
        ? "its memory wasn't measured" : "twice the \(peak)MiB that it held at most, and what its tmpfs may hold")
    text.line("memory: {high: \(most - most / 8)MiB, max: \(most)MiB}")
    text.comment("processes and threads at once: \(use.peakTasks)")
    text.line("pids: {max: \(max(16, min(use.peakTasks, 1 << 20) * 2))}")
  }

  private static func writeNetwork(_ use: ProgramUse, _ setup: Setup, to text: inout PolicyText) {
    for endpoint in use.listens.sorted().prefix(32) { text.comment("listens: \(describe(endpoint))") }
    for endpoint in use.connects.sorted().prefix(32) { text.comment("connects: \(describe(endpoint))") }
    let needsHost = setup.hadNetwork && usesNetwork(use)
    text.line("network: {mode: \(needsHost ? "host" : "none")}")
  }

  /// Whether it spoke, or wanted to be spoken to, beyond a loopback of its own.
  static func usesNetwork(_ use: ProgramUse) -> Bool {
    let own = Set(use.listens.map(\.port))
    return !use.listens.isEmpty || use.connects.contains { !$0.isLoopback || !own.contains($0.port) }
  }

  private static func describe(_ endpoint: NetworkEndpoint) -> String {
    let address = endpoint.address.utf8.contains(UInt8(ascii: ":")) ? "[\(endpoint.address)]" : endpoint.address
    return "\(endpoint.transport) \(address):\(endpoint.port)"
  }

  private static func capabilities(_ use: ProgramUse, _ setup: Setup) -> [String] {
    let needsHost = setup.hadNetwork && usesNetwork(use)
    return setup.capabilities.map(\.name).sorted().filter { name in
      if needsHost, name.hasPrefix("CAP_NET_") { return false }
      return use.usedCapabilities.contains(name) || !CapabilityRules.visible.contains(name)
    }
  }

  private static func remarks(_ use: ProgramUse, _ setup: Setup, _ files: FileGrants) -> [String] {
    var remarks = files.remarks
    for refusal in use.refusals.sorted().prefix(20) {
      remarks.append("was refused \(refusal.call) (\(refusal.error)), which could be had by \(refusal.mend)")
    }
    let refused = use.calls.keys.filter { use.wasAlwaysRefused($0) }.sorted()
    if !refused.isEmpty {
      remarks.append("asked for system calls that the default profile refuses: \(refused.joined(separator: " "))")
    }
    if !use.namelessCalls.isEmpty {
      let numbers = use.namelessCalls.sorted().prefix(8).map(String.init)
      remarks.append("made calls that have no name: \(numbers.joined(separator: " "))")
    }
    let unused = Set(setup.capabilities.map(\.name)).subtracting(capabilities(use, setup))
    if !unused.isEmpty { remarks.append("held \(unused.sorted().joined(separator: ", ")) without using it") }
    if !use.abstractSockets.isEmpty {
      let names = use.abstractSockets.sorted()
      remarks.append("used abstract sockets, which end at its network: \(FileGrants.some(names))")
    }
    if use.unnameablePaths > 0 { remarks.append("named \(use.unnameablePaths) paths that no policy can") }
    if use.forgottenPaths > 0 {
      remarks.append("used \(use.forgottenPaths) paths beyond the \(ProgramUse.mostPaths) that are kept")
    }
    return remarks
  }
}
