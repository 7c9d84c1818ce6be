import Faults

extension Cgroup {
  /// CPU time: weight, quota and what was used.
  public var cpu: CPUController { CPUController(group: self) }
}

/// The files of the cpu controller.
public struct CPUController: Sendable {
  /// The group whose files they are.
  public let group: Cgroup

  /// cpu.weight: the share of CPU time among siblings that want it, 1 to 10,000, 100 by default.
  public var weight: SettingFile<Weight> { .init(group, "cpu.weight") }
  /// cpu.weight.nice: the weight as a nice value, rounded to the nearest.
  public var weightNice: SettingFile<Nice> { .init(group, "cpu.weight.nice") }
  /// cpu.idle: whether the group runs only when nothing else wants the CPU, like SCHED_IDLE.
  public var idle: SettingFile<Flag> { .init(group, "cpu.idle") }
  /// cpu.max: how much CPU time the group may use in each period.
  public var max: SettingFile<CPUMax> { .init(group, "cpu.max") }
  /// cpu.max.burst: unused quota that may be saved up for bursts, at most the quota.
  public var maxBurst: SettingFile<Microseconds> { .init(group, "cpu.max.burst") }
  /// cpu.uclamp.min: the least utilisation that frequency selection assumes.
  public var utilizationMin: SettingFile<Limit<Percent>> { .init(group, "cpu.uclamp.min") }
  /// cpu.uclamp.max: the most utilisation that frequency selection assumes.
  public var utilizationMax: SettingFile<Limit<Percent>> { .init(group, "cpu.uclamp.max") }
  /// cpu.stat: CPU time used, and throttling. In every group, with or without the controller.
  public var stat: StatFile<CPUStat> { .init(group, "cpu.stat") }
  /// cpu.stat.local: how long this group's own quota held it back (Linux 6.9).
  public var statLocal: StatFile<CPULocalStat> { .init(group, "cpu.stat.local") }
  /// cpu.pressure: time lost waiting for a CPU.
  public var pressure: PressureFile { .init(group, .cpu) }
}

/// The value of cpu.max: a quota of CPU time in each period, summed over all CPUs.
public struct CPUMax: KernelValue {
  /// CPU time that may be used in each period; `nil` for no limit. At least 1 ms.
  public var quota: Microseconds?
  /// The length of a period, between 1 ms and 1 s; 100 ms by default.
  public var period: Microseconds

  /// Sets a quota and its period.
  public init(quota: Microseconds?, period: Microseconds = .milliseconds(100)) {
    self.quota = quota
    self.period = period
  }

  /// No limit.
  public static let max = CPUMax(quota: nil)

  /// A share of CPU time, where 100 % is one whole CPU; what doesn't fit 64 bits becomes the largest number.
  public static func percent(_ share: Percent, period: Microseconds = .milliseconds(100)) -> CPUMax {
    let (product, overflows) = share.hundredths.multipliedReportingOverflow(by: period.rawValue)
    return CPUMax(quota: Microseconds(overflows ? .max : product / 10_000), period: period)
  }

  /// Parses `max 100000` or `50000 100000`.
  public init(parsing bytes: UnsafeBufferPointer<UInt8>) throws(Fault) {
    let whole = ByteScanner(bytes).trimmed
    var scanner = whole
    guard let quota = scanner.word(), let period = scanner.word()?.number, scanner.isAtEnd,
      quota.equals("max") || quota.number != nil
    else { throw whole.fault(expected: "a quota and a period") }
    self.init(quota: quota.number.map(Microseconds.init), period: Microseconds(period))
  }

  /// The quota or `max`, and the period.
  public var kernelText: String { "\(quota?.kernelText ?? "max") \(period.kernelText)" }
}

/// What cpu.stat says. The fields that are `nil` aren't there: the controller is off, or the kernel is older.
public struct CPUStat: KernelReadable, Hashable {
  /// CPU time used in all.
  public var usage: Microseconds = 0
  /// The part of it in user space.
  public var user: Microseconds = 0
  /// The part of it in the kernel.
  public var system: Microseconds = 0
  /// The part of user time at a positive nice value (Linux 6.14).
  public var nice: Microseconds?
  /// Time that a sibling thread was forced to idle by core scheduling.
  public var forcedIdle: Microseconds?
  /// Periods of cpu.max in which the group ran.
  public var periods: Count?
  /// Periods in which the quota held the group back.
  public var throttledPeriods: Count?
  /// How long the quota held the group back.
  public var throttled: Microseconds?
  /// Periods in which the group used saved-up quota.
  public var bursts: Count?
  /// CPU time used beyond the quota in bursts.
  public var burst: Microseconds?

  /// Parses cpu.stat; keys that this library doesn't know are passed over.
  public init(parsing bytes: UnsafeBufferPointer<UInt8>) throws(Fault) {
    var stat = CPUStat()
    var hasUsage = false
    try ByteScanner.forEachFlatKey(bytes) { key, value in
      if key.equals("usage_usec") {
        stat.usage = Microseconds(value)
        hasUsage = true
      } else if key.equals("user_usec") {
        stat.user = Microseconds(value)
      } else if key.equals("system_usec") {
        stat.system = Microseconds(value)
      } else if key.equals("nice_usec") {
        stat.nice = Microseconds(value)
      } else if key.equals("core_sched.force_idle_usec") {
        stat.forcedIdle = Microseconds(value)
      } else if key.equals("nr_periods") {
        stat.periods = Count(value)
      } else if key.equals("nr_throttled") {
        stat.throttledPeriods = Count(value)
      } else if key.equals("throttled_usec") {
        stat.throttled = Microseconds(value)
      } else if key.equals("nr_bursts") {
        stat.bursts = Count(value)
      } else if key.equals("burst_usec") {
        stat.burst = Microseconds(value)
      }
    }
    guard hasUsage else { throw ByteScanner(bytes).fault(expected: "usage_usec") }
    self = stat
  }

  private init() {}
}

/// What cpu.stat.local says.
public struct CPULocalStat: KernelReadable, Hashable {
  /// How long this group's own quota, not an ancestor's, held it back.
  public var throttled: Microseconds

  /// Parses cpu.stat.local; keys that this library doesn't know are passed over.
  public init(parsing bytes: UnsafeBufferPointer<UInt8>) throws(Fault) {
    var throttled: Microseconds = 0
    try ByteScanner.forEachFlatKey(bytes) { key, value in
      if key.equals("throttled_usec") { throttled = Microseconds(value) }
    }
    self.throttled = throttled
  }
}
