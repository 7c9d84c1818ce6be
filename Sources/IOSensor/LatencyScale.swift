import CIOLatency

/// The buckets that latencies are counted in, from 64 ns to 17 s.
///
/// A time is taken in units of 64 ns. Below 16 units each has a bucket; every power of two above has 16 of equal width.
/// So a bucket is at most 1/16 of its lower bound wide, and its middle is within 3.2 % of every time in it, from 1 µs
/// on. What is longer than 17.18 s counts in the last bucket. The BPF program counts by the same rule
/// (Sources/iolatency/histograms.h).
public enum LatencyScale {
  /// How many buckets there are.
  public static let bucketCount = sub * (octaves + 1)

  private static let unitShift = Int(CIOLATENCY_UNIT_SHIFT)
  private static let subShift = Int(CIOLATENCY_SUB_SHIFT)
  private static let octaves = Int(CIOLATENCY_OCTAVES)
  private static let sub = 1 << subShift

  /// The bucket of a time.
  public static func bucket(ofNanoseconds nanoseconds: UInt64) -> Int {
    let units = nanoseconds >> UInt64(unitShift)
    guard units >= sub else { return Int(units) }
    let exponent = UInt64.bitWidth - 1 - units.leadingZeroBitCount
    guard exponent < subShift + octaves else { return bucketCount - 1 }
    let shift = exponent - subShift
    return (shift + 1) << subShift + Int((units >> UInt64(shift)) & UInt64(sub - 1))
  }

  /// The times of a bucket in nanoseconds: from the lower bound to below the upper. A bucket out of range is taken for
  /// the nearest.
  public static func bounds(ofBucket bucket: Int) -> Range<UInt64> {
    let bucket = min(max(bucket, 0), bucketCount - 1)
    let lower = lowerBound(bucket)
    return lower..<lowerBound(bucket + 1)
  }

  /// The time that stands for a bucket: its middle, in nanoseconds.
  public static func middle(ofBucket bucket: Int) -> UInt64 {
    let bounds = bounds(ofBucket: bucket)
    return bounds.lowerBound + (bounds.upperBound - bounds.lowerBound) / 2
  }

  private static func lowerBound(_ bucket: Int) -> UInt64 {
    guard bucket >= sub else { return UInt64(bucket) << UInt64(unitShift) }
    let shift = bucket >> subShift - 1
    return UInt64(sub + bucket & (sub - 1)) << UInt64(shift + unitShift)
  }
}
