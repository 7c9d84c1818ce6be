import CLinux
import CTenantPlan
import Faults
import Glibc
import Kernel

/// What a start needs besides the spec: descriptors, which stay the caller's.
public struct LaunchDescriptors: Sendable {
  /// The directory of the tenant's group; -1 for the caller's own group.
  public var cgroup: Int32
  /// Standard input, output and error of the payload; nil for the null device (and the log, if the spec has one).
  public var streams: (input: Int32, output: Int32, error: Int32)?
  /// The file that receives the exit record.
  public var exitRecord: Int32
  /// journald's stream socket or the directory of the log file, O_PATH.
  public var log: Int32?
  /// Whether ``log`` is journald's.
  public var logIsJournal: Bool
  /// The listening socket for the clients of the payload's terminal; nil where the spec has none.
  public var attachListener: Int32?

  /// Names the descriptors.
  public init(
    cgroup: Int32, streams: (input: Int32, output: Int32, error: Int32)? = nil, exitRecord: Int32,
    log: Int32? = nil, logIsJournal: Bool = false
  ) {
    self.cgroup = cgroup
    self.streams = streams
    self.exitRecord = exitRecord
    self.log = log
    self.logIsJournal = logIsJournal
  }
}

/// A tenant's first process as the daemon holds it.
public struct LaunchedInit: Sendable {
  /// Its pid in the daemon's namespace.
  public let pid: Int32
  /// Its pidfd.
  public let pidfd: SharedDescriptor
  /// When tenant-init ran, in nanoseconds of the monotonic clock.
  public let initTime: Int64
  /// When the first process existed, likewise.
  public let forkTime: Int64
}

/// Starts tenants: the daemon's side of the privilege timeline in docs/architecture.md.
///
/// Every call blocks its thread; run it on one that may. ``launch(_:_:prepare:)`` returns when the payload has been
/// executed or the start has failed; a command that enters and a probe are only under way when their calls return.
/// After a failure no process of the start is left; the group is the caller's to remove.
public final class Launcher: Sendable {
  let program: InitProgram
  private let template: HostTemplate
  private let pool: NamespacePool?

  /// A launcher of tenants that run `program` first and see `template`, in namespaces of `pool` while it has any.
  public init(program: InitProgram, template: HostTemplate, pool: NamespacePool? = nil) {
    self.program = program
    self.template = template
    self.pool = pool
  }

  /// Starts one tenant.
  ///
  /// - Parameter prepare: runs when the first process exists and before the payload is executed, with its pid and
  ///   what the payload is given; what it throws ends the start.
  /// - Throws: `sandbox.stage-failed`, `sandbox.command-not-run`, `sandbox.init-lost`, `sandbox.invalid`, or the
  ///   fault of a system call on the daemon's side.
  public func launch(
    _ spec: SandboxSpec, _ descriptors: LaunchDescriptors, prepare: (Int32, PayloadProfile?) throws(Fault) -> Void
  ) throws(Fault) -> LaunchedInit {
    let pair = spec.usesHostNetwork ? nil : pool?.take()
    let plan = try TenantPlan(
      spec, stagingPath: template.stagingPath, logsGoToJournal: descriptors.logIsJournal,
      joinsNamespaces: pair != nil, account: AccountIdentity.next())
    let planFile = try Self.sealed(plan.bytes, as: "plan")
    let null = try NullDevice.open()
    var channel = try InitChannel()
    let streams = descriptors.streams ?? (null.rawValue, null.rawValue, null.rawValue)
    let first = try withExtendedLifetime(pair) { () throws(Fault) in
      try program.spawn(
        "start", cgroup: descriptors.cgroup,
        descriptors: [
          streams.input, streams.output, streams.error, channel.farEnd, planFile.rawValue, descriptors.exitRecord,
          descriptors.log ?? null.rawValue, descriptors.attachListener ?? null.rawValue,
        ] + (pair.map { [$0.user.rawValue, $0.network.rawValue] } ?? []))
    }
    channel.closeFarEnd()
    let initTime = MonotonicClock.nanoseconds()
    let launched: LaunchedInit
    do throws(Fault) {
      let trees = try makeTrees(plan.trees, spec: spec, cgroup: descriptors.cgroup, channel: channel, pid: first.pid)
      // An array may be released after its last use, which would close what is about to be sent.
      try withExtendedLifetime(trees) { () throws(Fault) in
        try channel.send(TENANT_MESSAGE_MAPPED, descriptors: trees.map(\.rawValue))
      }
      let forked = try channel.expect(TENANT_MESSAGE_FORKED)
      guard let pidfd = forked.descriptors.first else {
        throw Fault(.initLost, "tenant-init sent no pidfd of the tenant's first process")
      }
      launched = LaunchedInit(
        pid: Int32(truncatingIfNeeded: forked.value), pidfd: pidfd, initTime: initTime,
        forkTime: MonotonicClock.nanoseconds())
    } catch {
      first.killGroup()
      throw error
    }
    do throws(Fault) {
      // While the first process builds the root, so that it need not wait afterwards.
      try prepare(launched.pid, PayloadProfile(plan: plan.bytes))
      try channel.sendIfHeard(TENANT_MESSAGE_GO)
      try first.reap()
      _ = try channel.expect(TENANT_MESSAGE_EXECUTING)
      // execve closes the payload's end: the end of the stream is the success.
      guard case .end = try channel.receive() else {
        throw Fault(.initLost, "tenant-init went on talking after the payload ran")
      }
    } catch {
      SpawnedProcess(pid: launched.pid, pidfd: launched.pidfd).kill()
      // It has ended by itself, but where the start was cut off early nobody has waited for it yet.
      first.kill()
      throw error
    }
    return launched
  }

  /// Waits for the user namespace, maps it, and makes the mounts that only the host's root may make.
  private func makeTrees(
    _ trees: [TenantPlan.Tree], spec: SandboxSpec, cgroup: Int32, channel: borrowing InitChannel, pid: Int32
  ) throws(Fault) -> [SharedDescriptor] {
    var made: [SharedDescriptor?] = trees.map { _ in nil }
    // What needs no namespace is made while tenant-init still makes it.
    for (index, tree) in trees.enumerated() {
      switch tree {
      case .hostRoot(let points): made[index] = share(try template.root(points: points))
      case .devices: made[index] = share(try template.devices())
      case .device(let path): made[index] = share(try Self.device(path))
      case .host(let path) where !path.isWritable: made[index] = share(try Self.readOnly(path.source))
      case .file(let bytes): made[index] = share(try template.supplied.file(bytes))
      case .secrets: made[index] = share(try SecretMount.make(spec.secrets, range: spec.identityRange))
      case .host(let path) where path.keepsOwnIds: made[index] = share(try Self.unmapped(path.source))
      case .host, .root, .upper: break
      }
    }
    _ = try channel.expect(TENANT_MESSAGE_NAMESPACES)
    try IdentityMap.tenant(spec.identityRange).write(to: pid)
    for (index, tree) in trees.enumerated() {
      switch tree {
      case .root(let path):
        let namespace = try MappingNamespace.open(of: pid)
        made[index] = share(try Self.mapped(path, namespace, [.readOnly, .noSetID, .noDevices]))
      case .upper(let path):
        let namespace = try MappingNamespace.open(of: pid)
        try Self.requirePrivate(path)
        made[index] = share(try Self.mapped(path, namespace, [.noSetID, .noDevices]))
      case .host(let path) where path.isWritable && !path.keepsOwnIds:
        let namespace = try MappingNamespace(.writable(spec.identityRange), program: program, cgroup: cgroup)
        made[index] = share(try Self.mapped(path.source, namespace.descriptor, [.noSetID, .noDevices]))
      case .host, .hostRoot, .devices, .device, .file, .secrets: break
      }
    }
    return made.compactMap { $0 }
  }

  private func share(_ tree: consuming MountTree) -> SharedDescriptor { SharedDescriptor(tree.descriptor) }

  private static func device(_ path: String) throws(Fault) -> MountTree {
    let device = try VerifiedDevice(path: path)
    let tree = try MountTree(copying: device.descriptor.rawValue, path: path)
    try tree.set([.noSetID, .noExecution], path: path)
    return tree
  }

  private static func readOnly(_ path: String) throws(Fault) -> MountTree {
    let place = try openHost(path)
    let tree = try MountTree(copying: place.rawValue, recursive: true, path: path)
    try tree.set([.readOnly, .noSetID, .noDevices], recursive: true, path: path)
    return tree
  }

  /// A path whose files belong to the ids that the kernel sees: the tenant's own to the tenant, all others to nobody.
  private static func unmapped(_ path: String) throws(Fault) -> MountTree {
    let place = try openHost(path)
    let tree = try MountTree(copying: place.rawValue, path: path)
    try tree.set([.noSetID, .noDevices], path: path)
    return tree
  }

  /// Not recursive: ids can't be mapped on all that may be mounted beneath, and what isn't mapped must not be seen.
  private static func mapped(
    _ path: String, _ namespace: borrowing OwnedDescriptor, _ attributes: MountAttributes
  ) throws(Fault) -> MountTree {
    let place = try openHost(path)
    let tree = try MountTree(copying: place.rawValue, path: path)
    try tree.set(attributes, path: path)
    try tree.mapIdentities(through: namespace, path: path)
    return tree
  }

  /// Files that root inside makes in an overlay's directory are root's on the disk, set-user-ID bits and all: nobody
  /// but the host's root may be able to reach them.
  private static func requirePrivate(_ path: String) throws(Fault) {
    let place = try openHost(path)
    let number = place.rawValue
    var status = stat()
    try systemCall("fstat", path: path, message: "cannot look at the overlay's directory") { fstat(number, &status) }
    guard status.st_mode & S_IFMT == S_IFDIR, status.st_uid == 0, status.st_mode & 0o077 == 0 else {
      throw Fault(
        .invalidSandbox, "an overlay's directory must be root's alone: programs that it collects run as root outside",
        path: path, mend: "chown root and chmod 0700 the directory")
    }
  }

  private static func openHost(_ path: String) throws(Fault) -> OwnedDescriptor {
    do throws(Fault) {
      return OwnedDescriptor(
        owning: try systemCall("open", path: path, message: "cannot open a path of the policy's root") {
          open(path, O_PATH | O_CLOEXEC)
        })
    } catch {
      var fault = error
      if fault.errno?.number == ENOENT { fault.mend = "create it, or take it out of the policy's `root:`" }
      throw fault
    }
  }

  /// What tenant-init is to do, in memory that nobody can change.
  ///
  /// - Parameter what: one word for it.
  static func sealed(_ bytes: [UInt8], as what: String) throws(Fault) -> OwnedDescriptor {
    OwnedDescriptor(
      owning: try systemCall("memfd_create", message: "cannot hand the \(what) to tenant-init") {
        bytes.withUnsafeBytes { clinux_memfd_sealed("tenant-\(what)", $0.baseAddress, $0.count, 0) }
      })
  }
}
