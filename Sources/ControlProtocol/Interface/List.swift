/// Lists the tenants that the caller may see.
public enum List: ControlMethod {
  /// The name in the interface.
  public static let name = "List"
  /// It only looks.
  public static let changesNothing = true
  /// Nothing.
  public typealias Request = NoParameters

  /// The tenants.
  public struct Reply: Codable, Sendable, Hashable {
    /// The tenants, ordered by name.
    public var tenants: [TenantSummary]

    /// Lists tenants.
    public init(tenants: [TenantSummary]) { self.tenants = tenants }
  }
}

/// One line of `isoctl ps`: what a tenant is and uses.
public struct TenantSummary: Codable, Sendable, Hashable {
  /// The tenant's name.
  public var name: String
  /// The word for its state, for example `running` or `exited`.
  public var state: String
  /// The policy's name.
  public var policy: String
  /// The process id of the command, as the host counts; absent when none runs.
  public var pid: Int?
  /// The user id of whoever spawned it.
  public var owner: Int
  /// When the command started, in microseconds since 1970.
  public var startedUsec: Int
  /// Processor time used, in microseconds.
  public var cpuUsec: Int
  /// Memory in use, in bytes.
  public var memoryBytes: Int
  /// The memory limit, in bytes; absent without one.
  public var memoryMaxBytes: Int?
  /// Processes and threads.
  public var pids: Int
  /// Their limit; absent without one.
  public var pidsMax: Int?
  /// Bytes read from block devices.
  public var ioReadBytes: Int
  /// Bytes written to block devices.
  public var ioWriteBytes: Int
  /// How it ended, if it has.
  public var exit: Exit?
  /// How often it was started again since it was spawned; absent where its policy has no restarts.
  public var restarts: Int?
  /// When it is started next, in microseconds since 1970; absent unless it waits for that.
  public var nextStartUsec: Int?
  /// `starting`, `healthy` or `unhealthy`; absent where nothing checks it, and while it doesn't run.
  public var health: String?

  /// Describes a tenant.
  public init(
    name: String, state: String, policy: String, pid: Int? = nil, owner: Int, startedUsec: Int, cpuUsec: Int,
    memoryBytes: Int, memoryMaxBytes: Int? = nil, pids: Int, pidsMax: Int? = nil, ioReadBytes: Int,
    ioWriteBytes: Int, exit: Exit? = nil, restarts: Int? = nil, nextStartUsec: Int? = nil,
    health: String? = nil
  ) {
    self.name = name
    self.state = state
    self.policy = policy
    self.pid = pid
    self.owner = owner
    self.startedUsec = startedUsec
    self.cpuUsec = cpuUsec
    self.memoryBytes = memoryBytes
    self.memoryMaxBytes = memoryMaxBytes
    self.pids = pids
    self.pidsMax = pidsMax
    self.ioReadBytes = ioReadBytes
    self.ioWriteBytes = ioWriteBytes
    self.exit = exit
    self.restarts = restarts
    self.nextStartUsec = nextStartUsec
    self.health = health
  }
}
