/// `cpu`: processor time and placement, in the words of the cgroup v2 `cpu` and `cpuset` controllers
/// (Documentation/admin-guide/cgroup-v2.rst).
public struct CPUPolicy: Sendable, Equatable {
  /// `max`: at most `quota` of processor time in each `period`, over all processors.
  public struct Bandwidth: Sendable, Hashable {
    /// Processor time in one period; at least 1 ms.
    public var quota: TimeSpan
    /// The period; 1 ms to 1 s.
    public var period: TimeSpan

    /// Names both.
    public init(quota: TimeSpan, period: TimeSpan) {
      self.quota = quota
      self.period = period
    }

    /// The period that a percentage is measured over: 100 ms, the kernel's default.
    public static let defaultPeriod = TimeSpan(microseconds: 100_000)
  }

  /// `uclamp`: bounds on the utilisation that the frequency governor assumes.
  public struct UtilizationClamp: Sendable, Equatable {
    /// `cpu.uclamp.min`, 0 to 100 %.
    public var min: Positioned<Percentage>?
    /// `cpu.uclamp.max`, 0 to 100 %.
    public var max: Positioned<Percentage>?
  }

  /// `weight`: 1 to 10000; the kernel's default is 100. Never set together with ``idle``.
  public var weight: Positioned<UInt64>?
  /// `idle`: whether the tenant runs only when nobody else wants the processor.
  public var idle: Positioned<Bool>
  /// `max`: the bandwidth limit; `nil` is none.
  public var max: Positioned<Bandwidth>?
  /// `burst`: how much unused quota may be kept for later; at most the quota.
  public var burst: Positioned<TimeSpan>?
  /// `cpus`: the processors it may run on; `nil` is all.
  public var cpus: Positioned<CPUList>?
  /// `uclamp`: utilisation bounds.
  public var uclamp: UtilizationClamp
  /// `core_scheduling`: whether no other process runs on the threads of a core while the tenant runs on one of them.
  public var coreScheduling: Positioned<Bool>
}
