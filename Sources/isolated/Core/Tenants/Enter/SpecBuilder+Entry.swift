import ControlProtocol
import Faults
import Glibc
import Kernel
import Sandbox

extension SpecBuilder {
  /// What a further command in a tenant is given: what the tenant's own was, but for what the request says.
  ///
  /// - Parameters:
  ///   - record: the tenant's.
  ///   - kept: what its own command was given.
  ///   - namespaces: CLONE_NEW* of those to join.
  func entry(
    _ request: Exec.Request, into record: TenantRecord, _ kept: EntryRecord, namespaces: UInt32
  ) throws(Fault) -> EntrySpec {
    var environment = Self.variables(kept.profile.environment)
    var user: EntrySpec.User?
    if let asked = request.user {
      let found = try self.user(asked, root: kept.root, capabilities: record.capabilities)
      environment["HOME"] = found.identity.home
      environment["SHELL"] = found.identity.shell
      environment["USER"] = found.identity.name
      environment["LOGNAME"] = found.identity.name
      user = found
    }
    if let term = request.terminal?.term, environment["TERM"] == nil { environment["TERM"] = term }
    for (name, value) in request.environment ?? [:] { environment[name] = value }
    var spec = EntrySpec(
      profile: kept.profile, namespaces: namespaces, process: record.pid, arguments: request.command,
      environment: environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" })
    spec.user = user
    spec.workingDirectory = request.directory
    spec.terminal = request.terminal.map { SandboxSpec.Terminal($0) }
    return spec
  }

  /// `USER` or `USER:GROUP`, by the root's own files.
  private func user(_ text: String, root: String, capabilities: [String]) throws(Fault) -> EntrySpec.User {
    let directory = SharedDescriptor(
      owning: try systemCall("open", path: root, message: "cannot open the tenant's root") {
        open(root, O_PATH | O_DIRECTORY | O_CLOEXEC)
      })
    let database = try users.users(beneath: directory.rawValue, path: root)
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let identity = try database.resolve(user: parts[0], group: parts.count > 1 ? parts[1] : nil)
    var kept: Set<Sandbox.Capability> = []
    for name in capabilities { kept.insert(try Sandbox.Capability(name: name, position: nil)) }
    return EntrySpec.User(
      identity: identity, capabilities: try CapabilitySets.forTenant(keep: kept, uid: identity.uid))
  }

  private static func variables(_ assignments: [String]) -> [String: String] {
    var variables: [String: String] = [:]
    for assignment in assignments {
      guard let equals = assignment.firstIndex(of: "=") else { continue }
      variables[String(assignment[..<equals])] = String(assignment[assignment.index(after: equals)...])
    }
    return variables
  }
}

extension SandboxSpec {
  /// How long what a foreground tenant writes waits for its client to attach, in seconds.
  private static let patience: UInt32 = 60

  /// Gives the command a terminal, and its name where the policy has none for it.
  mutating func give(_ terminal: TerminalRequest, isForeground: Bool) {
    self.terminal = Terminal(terminal, patience: isForeground ? Self.patience : 0)
    guard let term = terminal.term, !environment.contains(where: { $0.hasPrefix("TERM=") }) else { return }
    environment.append("TERM=\(term)")
  }
}

extension SandboxSpec.Terminal {
  /// What a client asked for, whose numbers have been checked.
  fileprivate init(_ request: TerminalRequest, patience: UInt32 = 0) {
    self.init(rows: UInt16(clamping: request.rows), columns: UInt16(clamping: request.columns), patience: patience)
  }
}
