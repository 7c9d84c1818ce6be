import CLinux
import CTenantPlan
import Faults
import Glibc

extension Fault.Code {
  /// A sandbox asks for something that no plan can express.
  public static let invalidSandbox: Self = "sandbox.invalid"
}

/// What tenant-init carries out: the bytes, and the mounts that must come with them.
struct TenantPlan {
  /// A detached mount that the daemon makes, since only the host's root may.
  enum Tree: Hashable {
    /// The whole root on the host's base, with mount points; see ``HostTemplate/root(points:)``.
    case hostRoot([HostTemplate.MountPoint])
    /// The template's /dev.
    case devices
    /// A path of the host.
    case host(SandboxSpec.HostPath)
    /// A root directory, its ids mapped to the tenant's.
    case root(String)
    /// An overlay's upper directory, its ids mapped to the tenant's.
    case upper(String)
    /// A device node.
    case device(String)
    /// A file that holds a text of the tenant's own.
    case file([UInt8])
    /// The file system of the tenant's secrets.
    case secrets
  }

  private(set) var bytes: [UInt8] = []
  private(set) var trees: [Tree] = []

  /// Lays out `spec`.
  ///
  /// - Parameters:
  ///   - stagingPath: the empty directory on which the root is assembled.
  ///   - joinsNamespaces: whether the user and the network namespace come from the pool.
  ///   - account: the host id as which a user namespace is made that doesn't come from the pool; see
  ///     ``AccountIdentity``.
  ///   - logsGoToJournal: whether logs go to journald rather than to a file.
  /// - Throws: ``Faults/Fault`` `sandbox.invalid` for a string with a NUL, a relative path, or a plan that is too long.
  init(
    _ spec: SandboxSpec, stagingPath: String, logsGoToJournal: Bool, joinsNamespaces: Bool = false,
    account: UInt32? = nil
  ) throws(Fault) {
    try Self.check(spec)
    var writer = PlanWriter()
    writeNamespaces(spec, stagingPath: stagingPath, joins: joinsNamespaces, to: &writer)
    if let account, !joinsNamespaces { writer.record(TENANT_RECORD_ACCOUNT) { $0.value(account) } }
    writeRoot(spec, to: &writer)
    writePayload(spec, logsGoToJournal: logsGoToJournal, to: &writer)
    bytes = writer.finished()
    guard bytes.count <= Int(TENANT_PLAN_MAXIMUM_SIZE) else {
      throw Fault(.invalidSandbox, "the command, its environment and the filter take more than a plan can hold")
    }
    guard trees.count <= Int(CLINUX_SCM_RIGHTS_MAXIMUM) else {
      throw Fault(
        .invalidSandbox, "the root has \(trees.count) mounts from the host",
        mend: "\(CLINUX_SCM_RIGHTS_MAXIMUM) is the most")
    }
  }

  private static func check(_ spec: SandboxSpec) throws(Fault) {
    let texts =
      spec.arguments + spec.environment + [spec.hostname, spec.workingDirectory]
      + spec.sysctls.flatMap { [$0.name, $0.value] }
    for text in texts where text.utf8.contains(0) {
      throw Fault(.invalidSandbox, "a string holds a NUL byte", path: text)
    }
    let paths =
      spec.hostPaths.flatMap { [$0.source, $0.target] } + spec.temporaryMounts.map(\.path) + spec.devices
      + [spec.workingDirectory] + spec.suppliedFiles.map(\.path) + (spec.domain?.paths ?? []).map(\.path)
    for path in paths {
      let components = path.split(separator: "/", omittingEmptySubsequences: true)
      guard path.hasPrefix("/"), !components.contains(".."), !components.contains("."), !path.utf8.contains(0) else {
        throw Fault(.invalidSandbox, "not an absolute path without '.' and '..'", path: path)
      }
    }
    guard let program = spec.arguments.first, !program.isEmpty else {
      throw Fault(.invalidSandbox, "there is no command to run")
    }
    guard spec.groups.count <= Int(TENANT_PLAN_MAXIMUM_GROUPS) else {
      throw Fault(.invalidSandbox, "\(spec.groups.count) groups are more than a process can have")
    }
  }

  private mutating func tree(_ tree: Tree) -> UInt32 {
    trees.append(tree)
    return UInt32(trees.count - 1)
  }

  private func writeNamespaces(
    _ spec: SandboxSpec, stagingPath: String, joins: Bool, to writer: inout PlanWriter
  ) {
    var namespaces = tenant_namespaces()
    // A network namespace must belong to the tenant's user namespace, or CAP_NET_BIND_SERVICE is refused in it.
    let owner = [CLINUX_NAMESPACE_USER] + (spec.usesHostNetwork ? [] : [CLINUX_NAMESPACE_NETWORK])
    let inner =
      [
        CLINUX_NAMESPACE_MOUNT, CLINUX_NAMESPACE_UTS, CLINUX_NAMESPACE_IPC, CLINUX_NAMESPACE_PID,
        CLINUX_NAMESPACE_CGROUP,
      ] + (spec.clockOffsets != nil ? [CLINUX_NAMESPACE_TIME] : [])
    namespaces.owner = owner.reduce(0) { $0 | UInt32($1) }
    namespaces.inner = inner.reduce(0) { $0 | UInt32($1) }
    namespaces.join = joins ? 1 : 0
    writer.record(TENANT_RECORD_NAMESPACES) { $0.value(namespaces) }
    writer.record(TENANT_RECORD_STAGING) { $0.text(stagingPath) }
    writer.record(TENANT_RECORD_OOM_SCORE) { $0.text("\(spec.oomScoreAdjustment)") }
    if let offsets = spec.clockOffsets {
      let lines = [("monotonic", offsets.monotonic), ("boottime", offsets.boottime)].map { clock, microseconds in
        // The kernel wants nanoseconds from 0 to 999999999 also for a negative offset.
        let seconds = microseconds >= 0 ? microseconds / 1_000_000 : -((999_999 - microseconds) / 1_000_000)
        return "\(clock) \(seconds) \((microseconds - seconds * 1_000_000) * 1000)\n"
      }
      writer.record(TENANT_RECORD_TIME_OFFSETS) { $0.text(lines.joined()) }
    }
  }

  private mutating func writeRoot(_ spec: SandboxSpec, to writer: inout PlanWriter) {
    var isReadOnly = true
    switch spec.base {
    case .host:
      let root = tree(.hostRoot(Self.mountPoints(spec)))
      writer.record(TENANT_RECORD_ROOT_TREE) { $0.value(root) }
    case .directory(let path):
      let lower = tree(.root(path))
      switch spec.overlay {
      case .none: writer.record(TENANT_RECORD_ROOT_TREE) { $0.value(lower) }
      case .memory(let bytes):
        isReadOnly = false
        writer.record(TENANT_RECORD_ROOT_OVERLAY) {
          $0.value(lower)
          $0.value(UInt32(TENANT_PLAN_NO_TREE))
          $0.text("size=\(bytes)")
        }
      case .directory(let upper):
        isReadOnly = false
        let upperTree = tree(.upper(upper))
        writer.record(TENANT_RECORD_ROOT_OVERLAY) {
          $0.value(lower)
          $0.value(upperTree)
        }
      }
    }
    writeDevices(spec, to: &writer)
    writeKernelMounts(spec, to: &writer)
    for mount in spec.temporaryMounts { temporary(mount, to: &writer) }
    for path in spec.hostPaths {
      attach(tree(.host(path)), at: String(path.target.drop { $0 == "/" }), to: &writer)
    }
    for file in spec.suppliedFiles {
      attach(tree(.file(file.bytes)), at: String(file.path.drop { $0 == "/" }), to: &writer)
    }
    if !spec.secrets.isEmpty {
      attach(tree(.secrets), at: String(SandboxSpec.secretsPlace.drop { $0 == "/" }), to: &writer)
    }
    for sysctl in spec.sysctls {
      writer.record(TENANT_RECORD_SYSCTL) {
        $0.text(sysctl.name)
        $0.text(sysctl.value)
      }
    }
    for path in Self.maskedPaths { writer.record(TENANT_RECORD_MASK) { $0.text(path) } }
    for path in Self.readOnlyPaths { writer.record(TENANT_RECORD_READ_ONLY) { $0.text(path) } }
    writer.record(TENANT_RECORD_PIVOT) { $0.value(isReadOnly ? UInt32(1) : 0) }
  }

  /// The shared, read-only /dev of the template; or one of the tenant's own where its policy adds devices.
  private mutating func writeDevices(_ spec: SandboxSpec, to writer: inout PlanWriter) {
    guard !spec.devices.isEmpty else {
      // The host's root brings it along.
      if spec.base != .host { attach(tree(.devices), at: "dev", to: &writer) }
      return
    }
    directory("dev", mode: 0o755, to: &writer)
    filesystem(
      "tmpfs", at: "dev", attributes: [.noSetID, .noExecution],
      options: ["mode=0755", "size=64k"], to: &writer)
    for link in HostTemplate.deviceLinks {
      writer.record(TENANT_RECORD_SYMLINK) {
        $0.text(link.target)
        $0.text("dev/\(link.name)")
      }
    }
    for name in HostTemplate.deviceDirectories { directory("dev/\(name)", mode: 0o755, to: &writer) }
    for device in HostTemplate.deviceNodes.map({ "/dev/\($0.name)" }) + spec.devices {
      attach(tree(.device(device)), at: String(device.drop { $0 == "/" }), to: &writer)
    }
  }

  /// What has to exist in a read-only root before anything can be mounted there. What lies beneath another mount of
  /// the tenant's own is made in that one, by tenant-init.
  private static func mountPoints(_ spec: SandboxSpec) -> [HostTemplate.MountPoint] {
    let own = spec.temporaryMounts.map(\.path) + spec.hostPaths.map(\.target) + ["/usr", "/etc", "/dev"]
    func isAtTop(_ path: String) -> Bool { !own.contains { $0 != path && path.hasPrefix($0 + "/") } }
    var points = ["/proc", "/sys/fs/cgroup", "/tmp"].map { HostTemplate.MountPoint(path: $0, isDirectory: true) }
    if !spec.secrets.isEmpty, isAtTop(SandboxSpec.secretsPlace) {
      points.append(.init(path: SandboxSpec.secretsPlace, isDirectory: true))
    }
    points += spec.temporaryMounts.filter { isAtTop($0.path) }.map { .init(path: $0.path, isDirectory: true) }
    points += spec.hostPaths.filter { isAtTop($0.target) }.map {
      .init(path: $0.target, isDirectory: FileFingerprint(path: $0.source)?.isDirectory ?? true)
    }
    return points
  }

  private func writeKernelMounts(_ spec: SandboxSpec, to writer: inout PlanWriter) {
    let quiet: MountAttributes = [.noSetID, .noDevices, .noExecution]
    directory("proc", mode: 0o555, to: &writer)
    filesystem("proc", at: "proc", attributes: quiet, to: &writer)
    directory("sys/fs/cgroup", mode: 0o555, to: &writer)
    filesystem(
      "cgroup2", at: "sys/fs/cgroup", attributes: quiet.union(.readOnly), to: &writer)
    filesystem(
      "devpts", at: "dev/pts", attributes: [.noSetID, .noExecution],
      options: ["newinstance", "ptmxmode=0666", "mode=0620", "max=\(Self.mostTerminals)"], to: &writer)
    filesystem("mqueue", at: "dev/mqueue", attributes: quiet, to: &writer)
    for path in ["/dev/shm", "/tmp"] where !spec.temporaryMounts.contains(where: { $0.path == path }) {
      temporary(.init(path: path, bytes: spec.temporaryBytes, mode: 0o1777), to: &writer)
    }
    writer.record(TENANT_RECORD_SYSCTL) {
      $0.text("user/max_user_namespaces")
      $0.text("\(spec.maximumUserNamespaces)")
    }
  }

  private func directory(_ path: String, mode: UInt32, to writer: inout PlanWriter) {
    writer.record(TENANT_RECORD_DIRECTORY) {
      $0.value(tenant_node(mode: mode, uid: 0, gid: 0))
      $0.text(path)
    }
  }

  private func attach(_ tree: UInt32, at path: String, to writer: inout PlanWriter) {
    writer.record(TENANT_RECORD_ATTACH) {
      $0.value(tree)
      $0.text(path)
    }
  }

  private func temporary(_ mount: SandboxSpec.TemporaryMount, to writer: inout PlanWriter) {
    let path = String(mount.path.drop { $0 == "/" })
    directory(path, mode: 0o755, to: &writer)
    filesystem(
      "tmpfs", at: path, attributes: [.noSetID, .noDevices],
      options: [
        "mode=0\(String(mount.mode, radix: 8))", "size=\(mount.bytes)", "uid=\(mount.uid)", "gid=\(mount.gid)",
      ] + (mount.inodes.map { ["nr_inodes=\($0)"] } ?? []), to: &writer)
  }

  private func filesystem(
    _ type: String, at path: String, attributes: MountAttributes, options: [String] = [], to writer: inout PlanWriter
  ) {
    writer.record(TENANT_RECORD_MOUNT) {
      $0.value(attributes.rawValue)
      $0.text(type)
      $0.text(path)
      for option in options { $0.text(option) }
    }
  }

  private func writePayload(_ spec: SandboxSpec, logsGoToJournal: Bool, to writer: inout PlanWriter) {
    writer.record(TENANT_RECORD_HOSTNAME) { $0.text(spec.hostname) }
    if spec.schedulesCoresAlone { writer.record(TENANT_RECORD_CORE_SCHEDULING) }
    let named = Set(spec.resourceLimits.map(\.resource))
    for limit in SandboxSpec.ResourceLimit.defaults where !named.contains(limit.resource) {
      self.limit(limit, flags: UInt32(TENANT_RLIMIT_DEFAULT), to: &writer)
    }
    for limit in spec.resourceLimits { self.limit(limit, flags: 0, to: &writer) }
    if let logs = spec.logs {
      let sink = logsGoToJournal ? TENANT_LOG_JOURNAL : TENANT_LOG_FILE
      writer.record(TENANT_RECORD_LOGS) {
        $0.value(
          tenant_logs(
            sink: UInt32(sink.rawValue), reserved: 0, bytes_per_second: logs.bytesPerSecond, burst: logs.burst,
            file_size: logs.fileSize))
        $0.text(logs.identifier)
      }
    }
    if let terminal = spec.terminal { writer.record(TENANT_RECORD_TERMINAL) { $0.value(tenant_terminal(terminal)) } }
    writer.record(TENANT_RECORD_IDENTITY) {
      $0.value(tenant_identity(uid: spec.uid, gid: spec.gid, group_count: UInt32(spec.groups.count)))
      for group in spec.groups { $0.value(group) }
    }
    writer.record(TENANT_RECORD_CAPABILITIES) {
      $0.value(tenant_capabilities(spec.capabilities))
    }
    writer.record(TENANT_RECORD_UMASK) { $0.value(spec.umask) }
    writer.record(TENANT_RECORD_WORKING) { $0.text(spec.workingDirectory) }
    writer.record(TENANT_RECORD_SECCOMP) { $0.raw(spec.filter) }
    writer.record(TENANT_RECORD_ARGUMENTS) { payload in spec.arguments.forEach { payload.text($0) } }
    writer.record(TENANT_RECORD_ENVIRONMENT) { payload in spec.environment.forEach { payload.text($0) } }
    if spec.filterFlags != 0 { writer.record(TENANT_RECORD_SECCOMP_FLAGS) { $0.value(spec.filterFlags) } }
    spec.domain?.write(to: &writer)
  }

  private func limit(_ limit: SandboxSpec.ResourceLimit, flags: UInt32, to writer: inout PlanWriter) {
    writer.record(TENANT_RECORD_RLIMIT) {
      $0.value(
        tenant_rlimit(resource: limit.resource, flags: flags, soft: limit.soft ?? .max, hard: limit.hard ?? .max))
    }
  }

  /// Pseudo-terminals of one tenant. All tenants share what `kernel.pty.max` leaves beside the host's own, 3,072.
  static let mostTerminals = 64

  /// Kernel files that tell of the host or of its hardware; the OCI runtime's customary list.
  static let maskedPaths = [
    "proc/acpi", "proc/asound", "proc/interrupts", "proc/kcore", "proc/keys", "proc/latency_stats",
    "proc/sched_debug", "proc/scsi", "proc/timer_list", "proc/timer_stats",
  ]

  /// Kernel files that may be read but never written.
  static let readOnlyPaths = ["proc/bus", "proc/fs", "proc/irq", "proc/sys", "proc/sysrq-trigger"]
}

extension tenant_terminal {
  /// The terminal as a plan has it.
  init(_ terminal: SandboxSpec.Terminal) {
    self.init(rows: terminal.rows, columns: terminal.columns, waits: terminal.patience)
  }
}

extension tenant_capabilities {
  /// The sets as a plan has them.
  init(_ sets: CapabilitySets) {
    self.init(
      bounding: sets.bounding, permitted: sets.permitted, effective: sets.effective, inheritable: sets.inheritable,
      ambient: sets.ambient)
  }
}
