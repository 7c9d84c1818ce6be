/// How many operations took how long: counts in the buckets of ``LatencyScale``.
///
/// A value: histograms can be added up, and the difference of two cumulative ones is what came between.
public struct LatencyHistogram: Sendable, Hashable {
  /// The number in each bucket.
  public private(set) var counts: [UInt64]

  /// Nothing counted.
  public init() { counts = [UInt64](repeating: 0, count: LatencyScale.bucketCount) }

  /// Takes counts over; those beyond the last bucket are left out, missing ones are zero.
  public init(counts given: some Sequence<UInt64>) {
    counts = Array(given.prefix(LatencyScale.bucketCount))
    counts.append(contentsOf: repeatElement(0, count: LatencyScale.bucketCount - counts.count))
  }

  /// How many operations there are; stays at the largest number where the sum is larger.
  public var count: UInt64 { counts.reduce(0, Self.sum) }

  /// Counts operations that took `nanoseconds` each.
  public mutating func record(nanoseconds: UInt64, count: UInt64 = 1) {
    let bucket = LatencyScale.bucket(ofNanoseconds: nanoseconds)
    counts[bucket] = Self.sum(counts[bucket], count)
  }

  /// Adds another histogram's counts.
  public mutating func merge(_ other: LatencyHistogram) {
    for bucket in counts.indices { counts[bucket] = Self.sum(counts[bucket], other.counts[bucket]) }
  }

  /// What was counted after `earlier`, of which this histogram is a later reading.
  ///
  /// A bucket that became smaller was started anew, with another program or row: then all of it is new.
  public func since(_ earlier: LatencyHistogram) -> LatencyHistogram {
    LatencyHistogram(
      counts: zip(counts, earlier.counts).lazy.map { now, before in now >= before ? now - before : now })
  }

  /// The time that a share of the operations didn't exceed, in nanoseconds: the middle of its bucket.
  ///
  /// By the nearest rank: the smallest time such that at least `share` of all took no longer.
  ///
  /// - Parameter share: from 0 to 1; 0.99 for the 99th percentile. What lies outside is taken for the nearest bound.
  /// - Returns: `nil` where nothing was counted.
  public func quantile(_ share: Double) -> UInt64? {
    let total = count
    guard total > 0 else { return nil }
    let rank = Self.rank(share, of: total)
    var passed: UInt64 = 0
    for (bucket, number) in counts.enumerated() {
      passed = Self.sum(passed, number)
      if passed >= rank { return LatencyScale.middle(ofBucket: bucket) }
    }
    return nil
  }

  /// The sum of all times in nanoseconds, each taken for the middle of its bucket; at most 3.2 % off.
  public var totalNanoseconds: UInt64 {
    counts.enumerated().reduce(0) { sum, entry in
      let (product, overflow) = entry.element.multipliedReportingOverflow(
        by: LatencyScale.middle(ofBucket: entry.offset))
      return overflow ? .max : Self.sum(sum, product)
    }
  }

  /// Which of `total` operations, from the shortest, ends a share of them: from 1 to `total`.
  static func rank(_ share: Double, of total: UInt64) -> UInt64 {
    // NaN is no share at all.
    guard share > 0 else { return 1 }
    // Of large numbers a Double doesn't know each, and the product may be 2^64.
    guard share < 1, let rank = UInt64(exactly: (share * Double(total)).rounded(.up)) else { return total }
    return min(max(rank, 1), total)
  }

  private static func sum(_ left: UInt64, _ right: UInt64) -> UInt64 {
    let (sum, overflow) = left.addingReportingOverflow(right)
    return overflow ? .max : sum
  }
}
