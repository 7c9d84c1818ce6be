/// How often something took how long; a plain value that its owner counts in.
package struct DurationHistogram: Sendable, Hashable {
  /// Upper bounds of the buckets in nanoseconds, rising.
  let bounds: [UInt64]
  /// How many there are in each bucket, one more than there are bounds.
  private(set) var counts: [UInt64]
  /// All times together, in nanoseconds.
  private(set) var nanoseconds: UInt64 = 0

  /// For the parts of a start: from 0.1 ms to 10 s.
  static let starts = DurationHistogram(bounds: [
    100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000, 25_000_000, 50_000_000, 100_000_000,
    250_000_000, 500_000_000, 1_000_000_000, 2_500_000_000, 10_000_000_000,
  ])

  /// For what has to fit in a tick: from 10 µs to 50 ms.
  package static let ticks = DurationHistogram(bounds: [
    10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000, 25_000_000,
    50_000_000,
  ])

  private init(bounds: [UInt64]) {
    self.bounds = bounds
    counts = Array(repeating: 0, count: bounds.count + 1)
  }

  /// Counts one; a clock that went back counts as no time.
  mutating func record(nanoseconds time: Int64) {
    let time = UInt64(max(0, time))
    counts[bounds.firstIndex { time <= $0 } ?? bounds.count] &+= 1
    nanoseconds &+= time
  }
}
