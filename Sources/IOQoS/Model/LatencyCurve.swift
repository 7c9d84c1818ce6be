import Faults

/// How latency grows with load: what calibration measured at rising utilisation, made monotone.
///
/// Between two measured points latencies are interpolated linearly; outside they are those of the nearest point.
/// Times are nanoseconds, utilisation is the part of the device's capacity in use, 0 to 1.
public struct LatencyCurve: Sendable, Equatable {
  /// What was measured at one load, with no standing queue.
  public struct Point: Sendable, Equatable {
    /// The part of the device's capacity in use, 0 to 1.
    public var utilisation: Double
    /// The mean latency.
    public var mean: Int64
    /// The median latency.
    public var p50: Int64
    /// The latency that 99 of 100 operations keep.
    public var p99: Int64

    /// Takes what was measured.
    public init(utilisation: Double, mean: Int64, p50: Int64, p99: Int64) {
      self.utilisation = utilisation
      self.mean = mean
      self.p50 = p50
      self.p99 = p99
    }
  }

  /// The longest latency that a point may have: one day.
  public static let longest: Int64 = 86_400_000_000_000
  /// The most points.
  public static let mostPoints = 1024

  /// The points by rising utilisation; no latency falls from one to the next.
  public let points: [Point]

  /// Fits a monotone curve to what was measured: the nearest one by least squares (pool adjacent violators; Barlow et
  /// al., Statistical Inference under Order Restrictions, 1972), so that one noisy point doesn't shift all those after.
  ///
  /// - Throws: `io.curve-invalid` for fewer than 2 points or more than ``mostPoints``, a utilisation outside 0 to 1 or
  ///   given twice, or a latency outside 1 ns to ``longest``.
  public init(_ measured: [Point]) throws(Fault) {
    guard measured.count >= 2, measured.count <= Self.mostPoints else {
      throw Self.invalid("it has \(measured.count) points, and 2 to \(Self.mostPoints) make a curve")
    }
    for point in measured {
      guard point.utilisation >= 0, point.utilisation <= 1 else {
        throw Self.invalid("a utilisation is \(point.utilisation), outside 0 to 1")
      }
      for latency in [point.mean, point.p50, point.p99] where latency < 1 || latency > Self.longest {
        throw Self.invalid("a latency is \(latency) ns, outside 1 ns to a day")
      }
    }
    let sorted = measured.sorted { $0.utilisation < $1.utilisation }
    for (left, right) in zip(sorted, sorted.dropFirst()) where left.utilisation == right.utilisation {
      throw Self.invalid("the utilisation \(left.utilisation) is there twice")
    }
    let means = Self.monotone(sorted.map(\.mean))
    let medians = Self.monotone(sorted.map(\.p50))
    let tails = Self.monotone(sorted.map(\.p99))
    points = sorted.indices.map { index in
      Point(
        utilisation: sorted[index].utilisation, mean: means[index], p50: medians[index],
        p99: max(medians[index], tails[index]))
    }
  }

  /// The mean latency at a load, without a standing queue.
  public func mean(at utilisation: Double) -> Int64 { interpolated(points.map { Double($0.mean) }, utilisation) }

  /// The latency that a part of the operations keeps at a load.
  ///
  /// Percentiles apart from the two measured come from an exponential tail through both, which is a guess above 0.99.
  ///
  /// - Parameter percentile: 0.5 to 0.9999; what lies outside counts as the nearer end.
  public func latency(_ percentile: Double = 0.99, at utilisation: Double) -> Int64 {
    interpolated(values(percentile), utilisation)
  }

  /// The greatest load at which a part of the operations keeps `target`, or `nil` where the target is below what was
  /// measured at the lowest load. Never more than the highest load that was measured.
  public func utilisation(_ percentile: Double = 0.99, within target: Int64) -> Double? {
    let values = values(percentile)
    let target = Double(target)
    guard let last = values.lastIndex(where: { $0 <= target }) else { return nil }
    guard last + 1 < values.count else { return points[last].utilisation }
    let rise = values[last + 1] - values[last]
    let part = (target - values[last]) / rise
    return points[last].utilisation + part * (points[last + 1].utilisation - points[last].utilisation)
  }

  /// The greatest load, from 0.30 to 0.985, for a p99: what a governor may set. Below the curve it is the least.
  public func utilisation(atP99 target: Int64) -> Double {
    min(0.985, max(0.30, utilisation(within: target) ?? 0))
  }

  private func values(_ percentile: Double) -> [Double] {
    let tail = Self.tail(percentile)
    var highest = 0.0
    return points.map { point in
      highest = max(highest, Double(point.p50) + tail * Double(point.p99 - point.p50))
      return highest
    }
  }

  /// How far along from p50 to p99 a percentile lies where the tail is exponential.
  private static func tail(_ percentile: Double) -> Double {
    guard percentile > tails[0].percentile else { return tails[0].part }
    for (left, right) in zip(tails, tails.dropFirst()) where percentile <= right.percentile {
      return left.part + (percentile - left.percentile) / (right.percentile - left.percentile)
        * (right.part - left.part)
    }
    return tails[tails.count - 1].part
  }

  /// ln(2(1−q)) / ln 0.02. The function is convex: a straight line between two of them errs towards longer latencies.
  private static let tails: [(percentile: Double, part: Double)] = [
    (0.5, 0), (0.75, 0.177184), (0.9, 0.411408), (0.95, 0.588592), (0.98, 0.822816), (0.99, 1), (0.995, 1.177184),
    (0.998, 1.411408), (0.999, 1.588592), (0.9995, 1.765776), (0.9999, 2.177184),
  ]

  private func interpolated(_ values: [Double], _ utilisation: Double) -> Int64 {
    guard let right = points.firstIndex(where: { $0.utilisation >= utilisation }) else {
      let highest = utilisation.isNaN ? values.first : values.last
      return (highest ?? 0).wholeSigned
    }
    guard right > 0 else { return values[0].wholeSigned }
    let (low, high) = (points[right - 1].utilisation, points[right].utilisation)
    let part = (utilisation - low) / (high - low)
    return (values[right - 1] + part * (values[right] - values[right - 1])).wholeSigned
  }

  private static func monotone(_ values: [Int64]) -> [Int64] {
    var blocks: [(sum: Double, count: Int)] = []
    for value in values {
      blocks.append((Double(value), 1))
      while blocks.count >= 2 {
        let (left, right) = (blocks[blocks.count - 2], blocks[blocks.count - 1])
        guard left.sum / Double(left.count) > right.sum / Double(right.count) else { break }
        blocks.removeLast(2)
        blocks.append((left.sum + right.sum, left.count + right.count))
      }
    }
    return blocks.flatMap { Array(repeating: ($0.sum / Double($0.count)).wholeSigned, count: $0.count) }
  }

  private static func invalid(_ why: String) -> Fault {
    Fault(
      .ioCurveInvalid, "the load-latency curve can't be used: \(why)",
      mend: "calibrate the device again: isoctl io calibrate")
  }
}

extension Fault.Code {
  /// The points of a load-latency curve make no curve.
  public static let ioCurveInvalid: Self = "io.curve-invalid"
}
