import Glibc

/// How latency grows with load: 4 KiB IOs at random places, started by chance at a given rate (a Poisson process), and
/// timed from when they were meant to start.
public struct LoadLatencyCurve: Sendable, Codable, Hashable {
  /// One rate.
  public struct Point: Sendable, Codable, Hashable {
    /// The rate as a share of the disk's own at full load.
    public var utilisation: Double
    /// IOs in a second that were asked for.
    public var offered: Double
    /// IOs in a second that completed.
    public var rate: Double
    /// The median. All latencies are nanoseconds. Made monotone over the curve: neighbours that are out of order
    /// get their median, weighted by samples.
    public var p50: Double
    /// The 99th percentile.
    public var p99: Double
    /// nil below 1,000 samples.
    public var p999: Double?
    /// The p99 as it was measured.
    public var rawP99: Double
    /// How many IOs this rests on.
    public var samples: Int
    /// Whether the disk didn't keep up with the rate; the latency then grows for as long as one measures.
    public var isSaturated: Bool
  }

  /// Whether it is of writes.
  public var isWrite: Bool
  /// IOs in a second at utilisation 1.
  public var capacity: Double
  /// By rising utilisation.
  public var points: [Point]

  init(isWrite: Bool, capacity: Double, measured: [Point]) {
    self.isWrite = isWrite
    self.capacity = capacity
    var points = measured.sorted { $0.utilisation < $1.utilisation }
    let weights = points.map { Double($0.samples) }
    for (index, value) in Self.monotone(points.map(\.p50), weights).enumerated() { points[index].p50 = value }
    for (index, value) in Self.monotone(points.map(\.p99), weights).enumerated() { points[index].p99 = value }
    let tails = points.indices.filter { points[$0].p999 != nil }
    let pooled = Self.monotone(tails.map { points[$0].p999 ?? 0 }, tails.map { weights[$0] })
    for (value, index) in zip(pooled, tails) { points[index].p999 = value }
    self.points = points
  }

  /// The p99 at a utilisation, between the points by the logarithm of the latency; nil without points.
  public func p99(at utilisation: Double) -> Double? {
    guard let first = points.first, let last = points.last else { return nil }
    if utilisation <= first.utilisation { return first.p99 }
    for (low, high) in zip(points, points.dropFirst()) where utilisation <= high.utilisation {
      let width = high.utilisation - low.utilisation
      guard width > 0, low.p99 > 0, high.p99 > 0 else { return high.p99 }
      let share = (utilisation - low.utilisation) / width
      return exp(log(low.p99) * (1 - share) + log(high.p99) * share)
    }
    return last.p99
  }

  /// A sequence near to the given one that never falls: pool adjacent violators (Ayer et al., 1955), by the median of a
  /// pool rather than its mean, since one pause of the host can make a single value many times too high. Between two
  /// medians the higher is taken, the safer promise.
  static func monotone(_ values: [Double], _ weights: [Double]) -> [Double] {
    var pools: [(median: Double, members: [(value: Double, weight: Double)])] = []
    for (value, weight) in zip(values, weights) {
      var pool = (median: value, members: [(value: value, weight: max(weight, 1))])
      while let last = pools.last, last.median > pool.median {
        pools.removeLast()
        let members = last.members + pool.members
        pool = (upperMedian(members), members)
      }
      pools.append(pool)
    }
    return pools.flatMap { Array(repeating: $0.median, count: $0.members.count) }
  }

  private static func upperMedian(_ members: [(value: Double, weight: Double)]) -> Double {
    let half = members.reduce(0) { $0 + $1.weight } / 2
    var above = 0.0
    for member in members.sorted(by: { $0.value > $1.value }) {
      above += member.weight
      if above >= half { return member.value }
    }
    return members.last?.value ?? 0
  }
}
