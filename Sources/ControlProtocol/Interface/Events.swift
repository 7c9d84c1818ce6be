/// Tells what happens to tenants, as it happens: a call with `more`, one answer for each event, without an end.
public enum Events: ControlMethod {
  /// The name in the interface.
  public static let name = "Events"

  /// Whose events.
  public struct Request: ControlRequest {
    /// The tenants' names; all that the caller may see if absent. A tenant needn't exist yet.
    public var tenants: [String]?
    /// Tell first what has happened since then, in microseconds since 1970, as far as it is still known.
    public var sinceUsec: Int?

    /// Asks for events.
    public init(tenants: [String]? = nil, sinceUsec: Int? = nil) {
      self.tenants = tenants
      self.sinceUsec = sinceUsec
    }

    enum CodingKeys: String, CodingKey, CaseIterable { case tenants, sinceUsec }

    /// The names of all parameters.
    public static var memberNames: [String] { CodingKeys.allCases.map(\.rawValue) }
  }

  /// One event.
  public struct Reply: Codable, Sendable, Hashable {
    /// What happened.
    public var event: TenantEvent

    /// Reports an event.
    public init(event: TenantEvent) { self.event = event }
  }
}

/// Something that happened to a tenant. Which members are there depends on ``event``.
public struct TenantEvent: Codable, Sendable, Hashable {
  /// What happened: an open list of words, so that a newer daemon can add one.
  public struct Kind: RawRepresentable, Hashable, Sendable, Codable {
    /// The word on the wire.
    public let rawValue: String

    /// Wraps a word.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// The stream stands, and misses nothing from here on. The first of each stream, of no tenant.
    public static let listening = Self(rawValue: "listening")
    /// The reader was too slow: ``TenantEvent/count`` events that belong here are missing. Of no tenant.
    public static let lost = Self(rawValue: "lost")
    /// Its sandbox stands and its command runs, with ``TenantEvent/pid``.
    public static let spawned = Self(rawValue: "spawned")
    /// It does its work: at once where nothing says when, else by its first successful health check, under a restarted
    /// daemon the first that this one makes.
    public static let ready = Self(rawValue: "ready")
    /// The kernel killed ``TenantEvent/count`` of its processes for want of memory.
    public static let outOfMemory = Self(rawValue: "oom")
    /// It ran into ``TenantEvent/limit``, ``TenantEvent/count`` times since the last such event.
    public static let limit = Self(rawValue: "limit")
    /// Its processes stand still.
    public static let frozen = Self(rawValue: "frozen")
    /// Its processes run again.
    public static let thawed = Self(rawValue: "thawed")
    /// A further command runs in it; ``TenantEvent/text`` says which program, and who asked for it.
    public static let entered = Self(rawValue: "entered")
    /// Its limits were changed; ``TenantEvent/text`` says which.
    public static let updated = Self(rawValue: "updated")
    /// Its health checks fail: ``TenantEvent/count`` in a row, the last one for the reason in ``TenantEvent/text``.
    public static let unhealthy = Self(rawValue: "unhealthy")
    /// Its health checks succeed again.
    public static let healthy = Self(rawValue: "healthy")
    /// Its policy had it started again, for the ``TenantEvent/count``th time in a row: its command runs, with
    /// ``TenantEvent/pid``. It stands in place of ``spawned``.
    public static let restarted = Self(rawValue: "restarted")
    /// It was to be started again and couldn't be; ``TenantEvent/text`` says why, and what follows.
    public static let restartFailed = Self(rawValue: "restart-failed")
    /// It waited for its next start, and somebody has ended it for good.
    public static let stopped = Self(rawValue: "stopped")
    /// It has ended, as ``TenantEvent/exit`` says, after using ``TenantEvent/usage``. Where its policy has restarts,
    /// ``TenantEvent/text`` says what follows.
    public static let exited = Self(rawValue: "exited")
  }

  /// When, in microseconds since 1970.
  public var timeUsec: Int
  /// What happened.
  public var event: Kind
  /// To whom; absent for what concerns the stream itself.
  public var tenant: String?
  /// The tenant's first process, as the host counts.
  public var pid: Int?
  /// The cgroup file whose limit was reached, for example `memory.high`.
  public var limit: String?
  /// How many, or how often.
  public var count: Int?
  /// More about it, in a sentence for people.
  public var text: String?
  /// How the tenant ended.
  public var exit: Exit?
  /// What it used from its start to its end.
  public var usage: ResourceSummary?

  /// Describes an event.
  public init(
    timeUsec: Int, event: Kind, tenant: String? = nil, pid: Int? = nil, limit: String? = nil, count: Int? = nil,
    text: String? = nil, exit: Exit? = nil, usage: ResourceSummary? = nil
  ) {
    self.timeUsec = timeUsec
    self.event = event
    self.tenant = tenant
    self.pid = pid
    self.limit = limit
    self.count = count
    self.text = text
    self.exit = exit
    self.usage = usage
  }
}

/// What a tenant has used of the machine in its whole life. What the host has no controller for is absent.
public struct ResourceSummary: Codable, Sendable, Hashable {
  /// Processor time, in microseconds.
  public var cpuUsec: Int
  /// The most memory that was charged to it at one time, in bytes.
  public var memoryPeakBytes: Int?
  /// Bytes read from block devices.
  public var ioReadBytes: Int?
  /// Bytes written to block devices.
  public var ioWriteBytes: Int?
  /// How long it lived, in microseconds.
  public var lifetimeUsec: Int

  /// Describes a use.
  public init(
    cpuUsec: Int, memoryPeakBytes: Int? = nil, ioReadBytes: Int? = nil, ioWriteBytes: Int? = nil, lifetimeUsec: Int
  ) {
    self.cpuUsec = cpuUsec
    self.memoryPeakBytes = memoryPeakBytes
    self.ioReadBytes = ioReadBytes
    self.ioWriteBytes = ioWriteBytes
    self.lifetimeUsec = lifetimeUsec
  }
}
