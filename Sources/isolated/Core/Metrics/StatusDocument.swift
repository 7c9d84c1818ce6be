import IOQoS

/// What the status page shows. What isn't known, or doesn't apply, is left out.
///
/// Times are seconds since 1970, shares of a disk parts of it as it was calibrated (1 is all of it), percents of time,
/// where 100 % of a processor is one.
struct StatusDocument: Codable, Equatable {
  /// The memory that admission gives away.
  struct Memory: Codable, Equatable {
    var sellableBytes: UInt64
    var reservedBytes: UInt64
    var maximumBytes: UInt64
  }

  /// A tenant; those that have ended are there until they are forgotten.
  struct Tenant: Codable, Equatable {
    var name: String
    /// `starting`, `running`, `frozen`, `stopping`, `backing-off` or `ended`.
    var state: String
    var policy: String
    var since: Double
    /// How it ended: `exited`, `signaled`, `oom-killed`, `killed`, `init-lost` or `start-failed`.
    var exit: String?
    /// How often it was started again, where its policy says so.
    var restarts: Int?
    /// `starting`, `healthy` or `unhealthy`, where something checks it.
    var health: String?
    /// Rates are over the time since the last look but one, and absent at the first.
    var cpuPercent: Double?
    /// The part of the limit's periods in which it held the tenant back.
    var cpuThrottledPercent: Double?
    /// The part of the time in which some task waited (PSI).
    var cpuPressurePercent: Double?
    var memoryBytes: UInt64?
    var memoryMax: UInt64?
    var memoryMin: UInt64?
    var memoryPressurePercent: Double?
    var oomKills: UInt64?
    var pids: UInt64?
    var pidsMax: UInt64?
    var ioPressurePercent: Double?
    /// By disk, of those under the scheduler.
    var io: [IO] = []
  }

  /// A tenant on a disk.
  struct IO: Codable, Equatable {
    var device: String
    /// As sentences: `300 iops`, `80 MiB/s`.
    var reservation: String?
    var limit: String?
    var weight: Int
    /// Each second, over the last one.
    var readOperations: Double
    var writeOperations: Double
    var readBytes: Double
    var writeBytes: Double
    /// Parts of the disk: used over the last second, allowed at most at present, reserved.
    var used: Double
    var granted: Double?
    var reserved: Double
    /// The part of the seconds with IO in which it had its reservation or wanted less.
    var attained: Double?
    /// `free`, `share`, `limit`, `reservation-scaled` or `sleeping`.
    var state: String
    /// The part of the last second in which it was held back.
    var heldBack: Double
    var reason: String
    var latencies: [Latency] = []
  }

  /// A tenant's operations of a kind, over the last ten seconds.
  struct Latency: Codable, Equatable {
    /// `read`, `write` or `sync_write`.
    var operation: String
    var samples: Int
    var p50Microseconds: Int
    var p99Microseconds: Int
    var targetMicroseconds: Int?
    /// 0.99 for a p99.
    var targetPercentile: Double?
    /// Seconds since the tenant was taken in, in which the target held and didn't.
    var windowsMet: UInt64?
    var windowsMissed: UInt64?
  }

  /// A disk under the scheduler.
  struct Disk: Codable, Equatable {
    var name: String
    var number: String
    var phase: String
    var reason: String
    /// Parts of the disk: what it can do now, what is let in, what is used, what was sold.
    var capacity: Double?
    var rate: Double?
    var used: Double
    var reserved: Double?
    var inFlight: Int
    var readOperations: Double
    var writeOperations: Double
    var readBytes: Double
    var writeBytes: Double
    var warnings: [String] = []
  }

  var version: String
  var host: String
  var time: Double
  var uptimeSeconds: Double?
  var memory: Memory
  var tenants: [Tenant]
  var disks: [Disk]
}
