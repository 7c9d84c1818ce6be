/// Tells what the tenants use of the machine, and what holds them back.
public enum Usage: ControlMethod {
  /// The name in the interface.
  public static let name = "Usage"
  /// It only looks.
  public static let changesNothing = true
  /// Nothing.
  public typealias Request = NoParameters

  /// The tenants that live.
  public struct Reply: Codable, Sendable, Hashable {
    /// When this was read, in microseconds of a clock that is never set: differences of two answers are times.
    public var clockUsec: Int
    /// The processors that the machine has.
    public var processors: Int
    /// The tenants that live and that the caller may see, ordered by name.
    public var tenants: [TenantUsage]

    /// Reports use.
    public init(clockUsec: Int, processors: Int, tenants: [TenantUsage]) {
      self.clockUsec = clockUsec
      self.processors = processors
      self.tenants = tenants
    }
  }
}

/// What a tenant uses. Counters grow from its start on; what the host has no controller for is absent.
public struct TenantUsage: Codable, Sendable, Hashable {
  /// The tenant's name.
  public var name: String
  /// The word for its state, for example `running`.
  public var state: String
  /// The tenant's first process, as the host counts; another one means that the counters began anew.
  public var pid: Int
  /// Processor time, in microseconds.
  public var cpuUsec: Int?
  /// Hundredths of a processor that it may use; absent without a limit.
  public var cpuMaxPercent: Int?
  /// Periods of its processor limit in which it ran.
  public var cpuPeriods: Int?
  /// Those of them in which the limit held it back.
  public var cpuThrottledPeriods: Int?
  /// Bytes.
  public var memoryBytes: Int?
  /// Bytes.
  public var memoryMaxBytes: Int?
  /// Processes and threads.
  public var pids: Int?
  /// The most there may be; absent without a limit.
  public var pidsMax: Int?
  /// Bytes read from block devices.
  public var ioReadBytes: Int?
  /// Bytes written to block devices.
  public var ioWriteBytes: Int?
  /// Time in which some of its tasks waited for a processor (PSI), in microseconds.
  public var cpuWaitUsec: Int?
  /// The same for memory.
  public var memoryWaitUsec: Int?
  /// The same for block devices.
  public var ioWaitUsec: Int?

  /// Describes a tenant of which nothing was read yet.
  public init(name: String, state: String, pid: Int) {
    self.name = name
    self.state = state
    self.pid = pid
  }
}
