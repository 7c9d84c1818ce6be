import CLinux
import CTenantPlan
import Faults

/// What is to run in a tenant that is there already.
public struct EntrySpec: Sendable {
  /// Another user than the payload's.
  public struct User: Sendable {
    /// Who it is.
    public var identity: ResolvedIdentity
    /// What it holds just before its execve.
    public var capabilities: CapabilitySets

    /// Names a user.
    public init(identity: ResolvedIdentity, capabilities: CapabilitySets) {
      self.identity = identity
      self.capabilities = capabilities
    }
  }

  /// What the payload was given, which the command is given too where nothing else is said here.
  public var profile: PayloadProfile
  /// CLONE_NEW* of the namespaces to join.
  public var namespaces: UInt32
  /// The tenant's first process, as the daemon counts.
  public var process: Int32
  /// Program and arguments.
  public var arguments: [String]
  /// `NAME=value`: replaces the payload's whole environment.
  public var environment: [String]
  /// Another user than the payload's.
  public var user: User?
  /// Another working directory than the payload's; absolute, in the tenant.
  public var workingDirectory: String?
  /// A terminal for its standard streams.
  public var terminal: SandboxSpec.Terminal?
  /// Whether nothing of its process group may outlive it, nor its session: see `TENANT_SESSION_BIND`.
  public var isBound = false

  /// Asks for a command.
  public init(
    profile: PayloadProfile, namespaces: UInt32, process: Int32, arguments: [String], environment: [String]
  ) {
    self.profile = profile
    self.namespaces = namespaces
    self.process = process
    self.arguments = arguments
    self.environment = environment
  }
}

extension EntrySpec {
  /// The plan for `tenant-init enter`.
  ///
  /// - Throws: ``Faults/Fault`` `sandbox.invalid` for a string with a NUL, a relative directory, no program, a plan
  ///   that is too long, or a damaged profile.
  func plan() throws(Fault) -> [UInt8] {
    try check()
    guard let kept = profile.decoded else {
      throw Fault(.invalidSandbox, "what is kept of the tenant's command can't be understood")
    }
    var writer = PlanWriter()
    let entry = tenant_entry(namespaces: namespaces, process: UInt32(bitPattern: process))
    writer.record(TENANT_RECORD_ENTRY) { $0.value(entry) }
    // A profile's records stand in their phases' order; the entry's is the first, the terminal's that before the last.
    let (before, payload) = kept.split(beforePhase: UInt16(TENANT_RECORD_IDENTITY.rawValue >> 4))
    for record in before { writer.record(record) }
    if let terminal { writer.record(TENANT_RECORD_TERMINAL) { $0.value(tenant_terminal(terminal)) } }
    for record in payload where !isReplaced(record) { writer.record(record) }
    if let user { Self.write(user, to: &writer) }
    if let workingDirectory { writer.record(TENANT_RECORD_WORKING) { $0.text(workingDirectory) } }
    writer.record(TENANT_RECORD_ARGUMENTS) { payload in arguments.forEach { payload.text($0) } }
    writer.record(TENANT_RECORD_ENVIRONMENT) { payload in environment.forEach { payload.text($0) } }
    let bytes = writer.finished()
    guard bytes.count <= Int(TENANT_PLAN_MAXIMUM_SIZE) else {
      throw Fault(.invalidSandbox, "the command and its environment take more than a plan can hold")
    }
    return bytes
  }

  private func check() throws(Fault) {
    for text in arguments + environment + [workingDirectory ?? "/"] where text.utf8.contains(0) {
      throw Fault(.invalidSandbox, "a string holds a NUL byte", path: text)
    }
    guard let program = arguments.first, !program.isEmpty else {
      throw Fault(.invalidSandbox, "there is no command to run")
    }
    if let workingDirectory, !workingDirectory.hasPrefix("/") {
      throw Fault(
        .invalidSandbox, "the working directory is no absolute path", path: workingDirectory,
        mend: "give the directory's path within the tenant, from /")
    }
  }

  private func isReplaced(_ record: PlanRecords.Record) -> Bool {
    if record.isA(TENANT_RECORD_IDENTITY) || record.isA(TENANT_RECORD_CAPABILITIES) { return user != nil }
    if record.isA(TENANT_RECORD_WORKING) { return workingDirectory != nil }
    return record.isA(TENANT_RECORD_ENVIRONMENT)
  }

  private static func write(_ user: User, to writer: inout PlanWriter) {
    writer.record(TENANT_RECORD_IDENTITY) {
      $0.value(
        tenant_identity(
          uid: user.identity.uid, gid: user.identity.gid, group_count: UInt32(user.identity.groups.count)))
      for group in user.identity.groups { $0.value(group) }
    }
    writer.record(TENANT_RECORD_CAPABILITIES) { $0.value(tenant_capabilities(user.capabilities)) }
  }
}
