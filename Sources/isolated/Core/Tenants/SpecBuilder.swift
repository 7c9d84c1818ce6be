import Faults
import Glibc
import Kernel
import Policy
import Sandbox

/// Turns a policy into the sandbox that it describes, looking up what only the host knows: users, the filter.
struct SpecBuilder: Sendable {
  let filters: SeccompCache
  /// Told of cached filters that had to be made anew.
  let report: @Sendable (Fault) -> Void
  let users = UserDatabaseCache()
  /// The kernel's version of Landlock; nil for none.
  var landlockVersion = LandlockDomain.kernelVersion

  /// Everything about the sandbox that `inspect` tells as well.
  struct Built {
    var spec: SandboxSpec
    var capabilities: [String]
    var seccomp: String
    /// The directory whose passwd file names the tenant's users.
    var root: String
    var grantsCommands: Bool
    var landlock: String
    /// What the policy asks for and this host can't hold.
    var notEnforceable: [Fault]
  }

  /// Builds the spec.
  ///
  /// - Parameters:
  ///   - command: overrides the policy's.
  ///   - environment: added to the policy's.
  ///   - logs: the bound for the tenant's output, nil if a client takes it.
  func build(
    _ policy: TenantPolicy, name: String, range: IdentityRange, command: [String]?, environment: [String: String],
    logs: SandboxSpec.LogSettings?
  ) throws(Fault) -> Built {
    let (root, path) = try Self.openRoot(policy.root.base)
    let users = try users.users(beneath: root.rawValue, path: path)
    let identity = try Self.resolve(policy.identity, users)
    var kept: Set<Sandbox.Capability> = []
    for capability in policy.capabilities {
      kept.insert(try Sandbox.Capability(name: capability.value.description, position: capability.position))
    }
    let filter = try filter(for: policy.seccomp, capabilities: kept, boundsDisk: policy.disk != nil)
    var spec = SandboxSpec(
      hostname: policy.hostname.value, identityRange: range, uid: identity.uid, gid: identity.gid,
      filter: filter.bytes, arguments: command ?? policy.command.value)
    spec.filterFlags = filter.flags.rawValue
    spec.groups = identity.groups
    spec.capabilities = try CapabilitySets.forTenant(keep: kept, uid: identity.uid)
    try Self.fillRoot(of: &spec, from: policy, users)
    spec.environment = Self.environment(policy, identity: identity, extra: environment)
    spec.workingDirectory = policy.directory.value
    spec.umask = policy.umask
    spec.resourceLimits = policy.resourceLimits.map {
      SandboxSpec.ResourceLimit(
        resource: UInt32($0.resource.value.number), soft: Self.bound($0.soft, of: $0.resource.value),
        hard: Self.bound($0.hard, of: $0.resource.value))
    }
    spec.usesHostNetwork = policy.network.mode.value == .host
    spec.maximumUserNamespaces = policy.namespaces.userNamespaces.value
    if let offsets = policy.namespaces.time?.value {
      spec.clockOffsets = (offsets.monotonicMicroseconds, offsets.boottimeMicroseconds)
    }
    spec.sysctls = policy.sysctls.map { ($0.name.value.slashed, $0.value.value) }
    spec.devices = policy.devices.map(\.path.value)
    spec.logs = logs
    spec.suppliedFiles = SuppliedFilePlan.files(for: policy, root: root.rawValue)
    spec.secrets = try Self.secrets(policy.secrets, users, identity)
    spec.schedulesCoresAlone = policy.cpu.coreScheduling.value && CoreScheduling.kernelHasIt
    let landlock = LandlockPlan(policy, spec, version: landlockVersion)
    spec.domain = landlock.domain
    return Built(
      spec: spec, capabilities: kept.sorted().map(\.name),
      seccomp: Self.describe(policy.seccomp, instructions: filter.instructions.count), root: path,
      grantsCommands: policy.allow.commandOverride.value, landlock: landlock.text,
      notEnforceable: CoreScheduling.notEnforceable(policy.cpu) + landlock.notEnforceable)
  }

  private func filter(
    for policy: Policy.SeccompPolicy, capabilities: Set<Sandbox.Capability>, boundsDisk: Bool
  ) throws(Fault) -> SeccompFilter {
    do throws(Fault) {
      var rules = policy.applied(to: try policy.profile(capabilities: capabilities))
      if boundsDisk, policy.mode.value == .enforce { rules = rules.refusingNewSubvolumes }
      let answer = try filters.filter(for: rules)
      answer.complaints.forEach(report)
      return answer.filter
    } catch {
      var fault = error
      // A file's own fault has its place already.
      fault.position =
        error.position ?? policy.only?.first?.position ?? policy.allow.first?.position ?? policy.deny.first?.position
        ?? policy.profile.position
      throw fault
    }
  }

  private static func describe(_ policy: Policy.SeccompPolicy, instructions: Int) -> String {
    var text: String
    switch policy.profile.value {
    case .standard: text = "default"
    case .file(let path): text = path
    }
    if let only = policy.only { text += ", only \(only.count) calls of it" }
    if !policy.allow.isEmpty { text += ", allows " + policy.allow.map(\.value).joined(separator: " ") }
    if !policy.deny.isEmpty { text += ", denies " + policy.deny.map(\.value).joined(separator: " ") }
    if policy.mode.value == .log { text = "LOG MODE, NOTHING IS REFUSED: " + text }
    return text + " (\(instructions) instructions)"
  }

  private static func openRoot(_ base: Positioned<RootPolicy.Base>) throws(Fault) -> (SharedDescriptor, String) {
    let path: String
    switch base.value {
    case .host: path = "/"
    case .directory(let directory): path = directory
    }
    do throws(Fault) {
      let root = SharedDescriptor(
        owning: try systemCall("open", path: path, message: "cannot open the tenant's root") {
          open(path, O_PATH | O_DIRECTORY | O_CLOEXEC)
        })
      return (root, path)
    } catch {
      var fault = error
      fault.position = base.position
      fault.mend = "`root: {base}` must name a directory that holds a root file system"
      throw fault
    }
  }

  private static func resolve(_ policy: IdentityPolicy, _ users: UserDatabase) throws(Fault) -> ResolvedIdentity {
    try users.resolve(
      user: policy.user.value.description, group: policy.group?.value.description,
      supplementary: policy.supplementaryGroups.map(\.value.description), position: policy.user.position)
  }

  private static func fillRoot(
    of spec: inout SandboxSpec, from policy: TenantPolicy, _ users: UserDatabase
  ) throws(Fault) {
    switch policy.root.base.value {
    case .host: spec.base = .host
    case .directory(let path): spec.base = .directory(path)
    }
    switch policy.root.overlay.value {
    case .none: spec.overlay = .none
    case .tmpfs: spec.overlay = .memory(bytes: policy.root.overlaySize?.value.bytes ?? 64 << 20)
    case .directory(let path): spec.overlay = .directory(path)
    }
    spec.hostPaths =
      policy.root.readable.map { .init(source: $0.value.source, target: $0.value.path, isWritable: false) }
      + policy.root.writable.map {
        .init(
          source: $0.value.source, target: $0.value.path, isWritable: true, keepsOwnIds: $0.value.ids == .tenant)
      }
    for mount in policy.root.temporary {
      var owner = (uid: UInt32(0), gid: UInt32(0))
      if let name = mount.owner {
        let identity = try users.resolve(
          user: name.value.description, group: nil, supplementary: [], position: name.position)
        owner = (identity.uid, identity.gid)
      }
      spec.temporaryMounts.append(
        .init(
          path: mount.path.value, bytes: mount.size.value.bytes, inodes: mount.inodes?.value.number, mode: mount.mode,
          uid: owner.uid, gid: owner.gid))
    }
  }

  /// The secrets, file by file.
  private static func secrets(
    _ policy: SecretsPolicy, _ users: UserDatabase, _ identity: ResolvedIdentity
  ) throws(Fault) -> [SandboxSpec.Secret] {
    switch policy {
    case .directory(let directory):
      return try SandboxSpec.Secret.all(
        in: directory.value, uid: identity.uid, gid: identity.gid, position: directory.position)
    case .files(let files):
      var secrets: [SandboxSpec.Secret] = []
      for file in files {
        var owner = (uid: identity.uid, gid: identity.gid)
        if let name = file.owner {
          let resolved = try users.resolve(
            user: name.value.description, group: nil, supplementary: [], position: name.position)
          owner = (resolved.uid, resolved.gid)
        }
        secrets.append(
          .init(
            name: file.name.value, source: file.source.value, uid: owner.uid, gid: owner.gid, mode: file.mode,
            position: file.source.position))
      }
      return secrets
    }
  }

  /// The number of a limit, nil for unlimited. No core dump at all is 1, see ``Sandbox/SandboxSpec/ResourceLimit``.
  private static func bound(_ limit: Policy.Limit<UInt64>, of resource: Resource) -> UInt64? {
    resource == .core && limit.bound == 0 ? SandboxSpec.ResourceLimit.noCoreDump : limit.bound
  }

  private static func environment(
    _ policy: TenantPolicy, identity: ResolvedIdentity, extra: [String: String]
  ) -> [String] {
    var variables = [
      "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": identity.home,
      "SHELL": identity.shell, "LANG": "C.UTF-8",
    ]
    if let name = identity.name {
      variables["USER"] = name
      variables["LOGNAME"] = name
    }
    for (name, value) in policy.environment { variables[name] = value.value }
    for (name, value) in extra { variables[name] = value }
    return variables.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
  }
}

extension Policy.Limit where Value == UInt64 {
  /// The number, or nil for unlimited.
  fileprivate var bound: UInt64? {
    switch self {
    case .atMost(let value): value
    case .unlimited: nil
    }
  }
}

extension String {
  /// A sysctl's name as a path: `net.core.somaxconn` is `net/core/somaxconn`.
  fileprivate var slashed: String { contains("/") ? self : String(map { $0 == "." ? "/" : $0 }) }
}
