/// What one group's operations of a kind took on a disk since counting began, for exporters: few buckets, and each
/// phase's sum. Windows are added up; only what a window holds costs time.
public struct LatencyTotals: Sendable, Hashable {
  /// Upper bounds of the buckets in nanoseconds, rising; the last bucket has none. Three to a power of ten.
  public static let bounds: [UInt64] = [
    50_000, 100_000, 200_000, 500_000, 1_000_000, 2_000_000, 5_000_000, 10_000_000, 20_000_000, 50_000_000,
    100_000_000, 200_000_000, 500_000_000, 1_000_000_000, 5_000_000_000,
  ]

  /// How many operations are in each bucket, one more than there are bounds. Where a bound cuts one of the sensor's own
  /// buckets, all of that is on the side of its middle: a bound is as good as 3.2 % of itself.
  public private(set) var counts = [UInt64](repeating: 0, count: bounds.count + 1)
  /// The time spent in each phase, by its raw value, in nanoseconds; at most 3.2 % off.
  public private(set) var nanoseconds = [UInt64](repeating: 0, count: IOPhase.allCases.count)

  /// The slot of each of the sensor's buckets.
  private static let slots: [Int] = (0..<LatencyScale.bucketCount).map { bucket in
    let middle = LatencyScale.middle(ofBucket: bucket)
    return bounds.firstIndex { middle <= $0 } ?? bounds.count
  }
  private static let middles = (0..<LatencyScale.bucketCount).map { LatencyScale.middle(ofBucket: $0) }

  /// Nothing counted.
  public init() {}

  /// Adds operations that took `time` each, in nanoseconds, all of it in the device: for tests and benchmarks.
  package mutating func record(_ time: UInt64, count: UInt64) {
    counts[Self.bounds.firstIndex { time <= $0 } ?? Self.bounds.count] &+= count
    for phase in [IOPhase.total, .device] { nanoseconds[Int(phase.rawValue)] &+= time &* count }
  }

  /// The time spent in a phase, in nanoseconds.
  public func nanoseconds(in phase: IOPhase) -> UInt64 { nanoseconds[Int(phase.rawValue)] }

  /// Adds what a window counted.
  public mutating func add(_ window: IOLatencyWindow) {
    for entry in window.entries {
      let (phase, bucket) = Int(entry.index).quotientAndRemainder(dividingBy: LatencyScale.bucketCount)
      guard nanoseconds.indices.contains(phase) else { continue }
      nanoseconds[phase] &+= UInt64(entry.count) &* Self.middles[bucket]
      if phase == Int(IOPhase.total.rawValue) { counts[Self.slots[bucket]] &+= UInt64(entry.count) }
    }
  }
}
