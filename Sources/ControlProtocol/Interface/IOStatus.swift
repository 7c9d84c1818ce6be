/// Tells what the IO scheduler sees and does, disk by disk.
public enum IOStatus: ControlMethod {
  /// The name in the interface.
  public static let name = "IOStatus"
  /// It only looks.
  public static let changesNothing = true
  /// Nothing.
  public typealias Request = NoParameters

  /// The disks.
  public struct Reply: Codable, Sendable, Hashable {
    /// The disks that tenants use, ordered by name; each with the tenants that the caller may see.
    public var disks: [IODisk]

    /// Reports disks.
    public init(disks: [IODisk]) { self.disks = disks }
  }
}

/// One disk as the IO scheduler sees it. Shares are of the disk's time: 1 is the whole disk as it was calibrated.
public struct IODisk: Codable, Sendable, Hashable {
  /// What the governor is doing: an open list of words, so that a newer daemon can add one.
  public struct Phase: RawRepresentable, Hashable, Sendable, Codable {
    /// The word on the wire.
    public let rawValue: String

    /// Wraps a word.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// The capacity isn't known yet, and nothing is held back.
    public static let learn = Self(rawValue: "learn")
    /// No tenant with a target is active: a short queue keeps the disk busy.
    public static let share = Self(rawValue: "share")
    /// A queue is being emptied.
    public static let drain = Self(rawValue: "drain")
    /// A volume's token bucket is given a few credits back.
    public static let refill = Self(rawValue: "refill")
    /// Just below the capacity, with no queue.
    public static let cruise = Self(rawValue: "cruise")
    /// Just above the estimate, to see whether the capacity has risen.
    public static let probe = Self(rawValue: "probe")
    /// Nobody uses the disk.
    public static let idle = Self(rawValue: "idle")
  }

  /// `major:minor`.
  public var number: String
  /// The name in /sys/block.
  public var name: String
  /// What holds tenants back: `io.max`, or `none`.
  public var mechanism: String
  /// What the governor is doing.
  public var phase: Phase
  /// Why, in one sentence.
  public var reason: String
  /// What the disk can do now, as a share; nil while unknown.
  public var capacity: Double?
  /// What is let in now, as a share; nil where everything is.
  public var rate: Double?
  /// What was used over the last second, as a share.
  public var used: Double
  /// Operations in the disk's queue.
  public var inFlight: Int
  /// Reads a second, over the last second.
  public var readOperations: Double
  /// Writes a second, over the last second.
  public var writeOperations: Double
  /// Bytes read a second, over the last second.
  public var readBytes: Double
  /// Bytes written a second, over the last second.
  public var writeBytes: Double
  /// The scheduler's period, in microseconds.
  public var tickUsec: Int
  /// Why latencies are missing; nil where the eBPF sensor measures them.
  public var sensor: String?
  /// Who uses it.
  public var tenants: [IOTenant]
  /// What weakens the promises on this disk, in sentences.
  public var warnings: [String]

  /// Describes a disk; figures that are no finite number become 0 or nil, since JSON can't say them.
  public init(
    number: String, name: String, mechanism: String, phase: Phase, reason: String, capacity: Double? = nil,
    rate: Double? = nil, used: Double, inFlight: Int, readOperations: Double, writeOperations: Double,
    readBytes: Double, writeBytes: Double, tickUsec: Int, sensor: String? = nil, tenants: [IOTenant],
    warnings: [String] = []
  ) {
    self.number = number
    self.name = name
    self.mechanism = mechanism
    self.phase = phase
    self.reason = reason
    self.capacity = capacity.flatMap(\.ifFinite)
    self.rate = rate.flatMap(\.ifFinite)
    self.used = used.ifFinite ?? 0
    self.inFlight = inFlight
    self.readOperations = readOperations.ifFinite ?? 0
    self.writeOperations = writeOperations.ifFinite ?? 0
    self.readBytes = readBytes.ifFinite ?? 0
    self.writeBytes = writeBytes.ifFinite ?? 0
    self.tickUsec = tickUsec
    self.sensor = sensor
    self.tenants = tenants
    self.warnings = warnings
  }
}

extension Double {
  /// The number, where it is one that JSON can say.
  var ifFinite: Double? { isFinite ? self : nil }
}
