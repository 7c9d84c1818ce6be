/// What one tenant does on one disk. Shares are of the disk's time: 1 is the whole disk as it was calibrated.
public struct IOTenant: Codable, Sendable, Hashable {
  /// What bounds a tenant: an open list of words, so that a newer daemon can add one.
  public struct State: RawRepresentable, Hashable, Sendable, Codable {
    /// The word on the wire.
    public let rawValue: String

    /// Wraps a word.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Nothing holds it back.
    public static let free = Self(rawValue: "free")
    /// It has its share by weight and reservation, and asks for more.
    public static let share = Self(rawValue: "share")
    /// Its own limit binds it.
    public static let limit = Self(rawValue: "limit")
    /// The disk does less than was calibrated: reservations are cut in proportion.
    public static let reservationScaled = Self(rawValue: "reservation-scaled")
    /// It does no IO.
    public static let sleeping = Self(rawValue: "sleeping")
  }

  /// The tenant's name; `host` for the host's own work.
  public var name: String
  /// Whether it is the host's own work: everything outside the tenants' groups.
  public var isHost: Bool
  /// Its part of what reservations leave, against others' weights.
  public var weight: Int
  /// What is reserved for it, as a share.
  public var reserved: Double
  /// Reads a second, over the last second.
  public var readOperations: Double
  /// Writes a second, over the last second.
  public var writeOperations: Double
  /// Bytes read a second, over the last second.
  public var readBytes: Double
  /// Bytes written a second, over the last second.
  public var writeBytes: Double
  /// What it used over the last second, as a share.
  public var used: Double
  /// What it may use at most at present, as a share; nil where nothing holds it back.
  public var granted: Double?
  /// What bounds it.
  public var state: State
  /// Why, in one sentence.
  public var reason: String
  /// The part of the last second in which it was held back, 0 to 1.
  public var heldShare: Double
  /// How long its operations took, by kind; empty where nothing measures it.
  public var latencies: [IOLatencyFigures]

  /// Describes a tenant; figures that are no finite number become 0 or nil, since JSON can't say them.
  public init(
    name: String, isHost: Bool = false, weight: Int, reserved: Double, readOperations: Double,
    writeOperations: Double, readBytes: Double, writeBytes: Double, used: Double, granted: Double? = nil,
    state: State, reason: String, heldShare: Double, latencies: [IOLatencyFigures] = []
  ) {
    self.name = name
    self.isHost = isHost
    self.weight = weight
    self.reserved = reserved.ifFinite ?? 0
    self.readOperations = readOperations.ifFinite ?? 0
    self.writeOperations = writeOperations.ifFinite ?? 0
    self.readBytes = readBytes.ifFinite ?? 0
    self.writeBytes = writeBytes.ifFinite ?? 0
    self.used = used.ifFinite ?? 0
    self.granted = granted.flatMap(\.ifFinite)
    self.state = state
    self.reason = reason
    self.heldShare = heldShare.ifFinite ?? 0
    self.latencies = latencies
  }
}

/// How long one tenant's operations of one kind took on one disk, over the last second in which there were some. Times
/// are microseconds, from the submission on, the wait for the tenant's own limit apart.
public struct IOLatencyFigures: Codable, Sendable, Hashable {
  /// A kind of operation: an open list of words, so that a newer daemon can add one.
  public struct Operation: RawRepresentable, Hashable, Sendable, Codable {
    /// The word on the wire.
    public let rawValue: String

    /// Wraps a word.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Reads.
    public static let read = Self(rawValue: "read")
    /// Writes that nobody waits for.
    public static let write = Self(rawValue: "write")
    /// Writes that somebody waits for: fsync and O_DIRECT.
    public static let syncWrite = Self(rawValue: "sync_write")
  }

  /// The kind.
  public var operation: Operation
  /// How many operations the figures are of.
  public var samples: Int
  /// The median.
  public var p50Usec: Int
  /// What 99 of 100 operations kept.
  public var p99Usec: Int
  /// What 999 of 1,000 operations kept.
  public var p999Usec: Int
  /// What 99 of 100 operations waited for the tenant's own limit.
  public var waitP99Usec: Int
  /// The p99 that was promised; nil without a target.
  public var targetUsec: Int?
  /// The part, 0 to 1, of the windows of one second among the last 60 in which the target held; nil without a target or
  /// without operations.
  public var kept: Double?

  /// Describes latencies; a `kept` that is no finite number becomes nil, since JSON can't say it.
  public init(
    operation: Operation, samples: Int, p50Usec: Int, p99Usec: Int, p999Usec: Int, waitP99Usec: Int,
    targetUsec: Int? = nil, kept: Double? = nil
  ) {
    self.operation = operation
    self.samples = samples
    self.p50Usec = p50Usec
    self.p99Usec = p99Usec
    self.p999Usec = p999Usec
    self.waitP99Usec = waitP99Usec
    self.targetUsec = targetUsec
    self.kept = kept.flatMap(\.ifFinite)
  }
}
