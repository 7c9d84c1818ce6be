/// Tells all that the daemon knows about one tenant.
public enum Inspect: ControlMethod {
  /// The name in the interface.
  public static let name = "Inspect"
  /// It only looks.
  public static let changesNothing = true
  /// The tenant.
  public typealias Request = TenantName

  /// The tenant, inside out.
  public struct Reply: Codable, Sendable, Hashable {
    /// The tenant.
    public var tenant: Inspection

    /// Reports a tenant.
    public init(tenant: Inspection) { self.tenant = tenant }
  }
}

/// All that the daemon knows about one tenant.
public struct Inspection: Codable, Sendable, Hashable {
  /// The host's ids that a tenant's users map to.
  public struct IdRange: Codable, Sendable, Hashable {
    /// The host's id of the tenant's id 0.
    public var first: Int
    /// How many ids there are.
    public var count: Int

    /// Describes a range.
    public init(first: Int, count: Int) {
      self.first = first
      self.count = count
    }
  }

  /// One limit: what the policy asked and what the kernel says that it enforces.
  public struct Limit: Codable, Sendable, Hashable {
    /// The cgroup file, for example `memory.max`.
    public var file: String
    /// What was written.
    public var asked: String
    /// What the kernel reports now.
    public var kernel: String

    /// Describes a limit.
    public init(file: String, asked: String, kernel: String) {
      self.file = file
      self.asked = asked
      self.kernel = kernel
    }
  }

  /// One mount of the tenant's file system tree.
  public struct Mount: Codable, Sendable, Hashable {
    /// Where it is, as the tenant sees it.
    public var target: String
    /// The host's path, or the file system type of a fresh one.
    public var source: String
    /// The options in mount(8)'s words, for example `ro,nosuid,nodev`.
    public var options: String

    /// Describes a mount.
    public init(target: String, source: String, options: String) {
      self.target = target
      self.source = source
      self.options = options
    }
  }

  /// What `isoctl ps` shows of it.
  public var summary: TenantSummary
  /// The command and its arguments.
  public var command: [String]
  /// The group's path beneath the cgroup2 mount.
  public var cgroup: String
  /// The inode of each namespace, by the kind's name in /proc/PID/ns.
  public var namespaces: [String: Int]
  /// The host's ids of its users.
  public var idRange: IdRange
  /// Every limit that was set.
  public var limits: [Limit]
  /// The capabilities that the command holds, for example `CAP_NET_BIND_SERVICE`.
  public var capabilities: [String]
  /// The seccomp profile's name.
  public var seccomp: String
  /// What is mounted.
  public var mounts: [Mount]
  /// What the policy asks for and this host doesn't enforce.
  public var notEnforced: [String]
  /// Where its output goes.
  public var logs: Logs.Reply
  /// The last decisions of the IO scheduler about it, the newest last; nil where there are none.
  public var io: [IODecision]?
  /// What it was promised of disks, a sentence for each; nil where nothing was.
  public var ioPromises: [String]?
  /// Why the latencies of its IO aren't measured; nil where they are, or where nothing was promised.
  public var ioSensor: String?
  /// What its Landlock domain holds, or why it has none; nil where a daemon before this started it.
  public var landlock: String?
  /// Where it stands among its restarts; nil where its policy has none.
  public var restart: RestartStatus?
  /// The tenants that it comes after; nil where there are none.
  public var after: [String]?
  /// What its health checks came to; nil where nothing checks it, and while it doesn't run.
  public var health: HealthStatus?

  /// Describes a tenant.
  public init(
    summary: TenantSummary, command: [String], cgroup: String, namespaces: [String: Int], idRange: IdRange,
    limits: [Limit], capabilities: [String], seccomp: String, mounts: [Mount], notEnforced: [String],
    logs: Logs.Reply, io: [IODecision]? = nil,
    ioPromises: [String]? = nil, ioSensor: String? = nil, landlock: String? = nil, restart: RestartStatus? = nil,
    after: [String]? = nil, health: HealthStatus? = nil
  ) {
    self.summary = summary
    self.command = command
    self.cgroup = cgroup
    self.namespaces = namespaces
    self.idRange = idRange
    self.limits = limits
    self.capabilities = capabilities
    self.seccomp = seccomp
    self.mounts = mounts
    self.notEnforced = notEnforced
    self.logs = logs
    self.io = io
    self.ioPromises = ioPromises
    self.ioSensor = ioSensor
    self.landlock = landlock
    self.restart = restart
    self.after = after
    self.health = health
  }
}
