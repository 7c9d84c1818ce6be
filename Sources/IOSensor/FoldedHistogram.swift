/// A histogram of few buckets, as an exporter shows it: a scrape of every tenant must stay small.
public struct FoldedHistogram: Sendable, Hashable {
  /// Sixteen bounds in nanoseconds, three to a power of ten, from 100 µs to 10 s.
  public static let defaultBounds: [UInt64] = [
    100_000, 200_000, 500_000, 1_000_000, 2_000_000, 5_000_000, 10_000_000, 20_000_000, 50_000_000, 100_000_000,
    200_000_000, 500_000_000, 1_000_000_000, 2_000_000_000, 5_000_000_000, 10_000_000_000,
  ]

  /// The most bounds that a folded histogram has.
  public static let mostBounds = 16

  /// Upper bounds in nanoseconds, rising.
  public let bounds: [UInt64]
  /// For each bound, how many operations took no longer; never falls.
  public let cumulativeCounts: [UInt64]
  /// How many there are in all: the count of the bound that is infinite.
  public let count: UInt64
  /// The sum of all times in nanoseconds, as ``LatencyHistogram/totalNanoseconds``.
  public let totalNanoseconds: UInt64
}

extension LatencyHistogram {
  /// The same counts under at most sixteen bounds. Where a bound cuts a bucket, the bucket counts on the side on which
  /// its middle is: a bound is as good as 3.2 % of itself.
  ///
  /// - Parameter bounds: in nanoseconds; sorted here, each taken once, those after the sixteenth left out.
  public func folded(at bounds: [UInt64] = FoldedHistogram.defaultBounds) -> FoldedHistogram {
    var rising: [UInt64] = []
    for bound in bounds.sorted() where bound != rising.last && rising.count < FoldedHistogram.mostBounds {
      rising.append(bound)
    }
    var perBound = [UInt64](repeating: 0, count: rising.count + 1)
    var slot = 0
    for (bucket, number) in counts.enumerated() where number > 0 {
      let middle = LatencyScale.middle(ofBucket: bucket)
      while slot < rising.count && middle > rising[slot] { slot += 1 }
      perBound[slot] = perBound[slot].addingReportingOverflow(number).partialValue
    }
    var running: UInt64 = 0
    let cumulative = perBound.map { number -> UInt64 in
      let (sum, overflow) = running.addingReportingOverflow(number)
      running = overflow ? .max : sum
      return running
    }
    return FoldedHistogram(
      bounds: rising, cumulativeCounts: Array(cumulative.dropLast()), count: count, totalNanoseconds: totalNanoseconds)
  }
}
