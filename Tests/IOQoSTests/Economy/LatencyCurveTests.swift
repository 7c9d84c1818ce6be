import Faults
import IOQoS
import Testing

@Suite struct LatencyCurveTests {
  static func curve(_ points: [(Double, Int64, Int64)]) throws -> LatencyCurve {
    try LatencyCurve(points.map { .init(utilisation: $0.0, mean: $0.1, p50: $0.1, p99: $0.2) })
  }

  @Test func latenciesBetweenTwoPointsLieOnTheLineAndOutsideAtTheEnds() throws {
    let curve = try Self.curve([(0.2, 100, 200), (0.6, 100, 400), (0.9, 300, 1000)])
    #expect(curve.latency(at: 0.4) == 300)
    #expect(curve.latency(at: 0.75) == 700)
    #expect(curve.latency(at: 0) == 200 && curve.latency(at: 1) == 1000)
    #expect(curve.latency(0.5, at: 0.75) == 200)
    #expect(curve.mean(at: 0.9) == 300)
    #expect(curve.latency(at: .nan) == 200)
  }

  @Test func theLoadForATargetIsTheGreatestThatKeepsIt() throws {
    let curve = try Self.curve([(0.2, 100, 200), (0.6, 100, 400), (0.9, 300, 1000)])
    #expect(curve.utilisation(within: 700) == 0.75)
    #expect(curve.utilisation(within: 199) == nil)
    #expect(curve.utilisation(within: .max) == 0.9)
    #expect(curve.utilisation(0.5, within: 100) == 0.6)
    #expect(curve.utilisation(atP99: 1) == 0.30)
  }

  @Test func oneNoisyPointDoesNotShiftAllThoseAfter() throws {
    let curve = try Self.curve([(0.2, 1, 100), (0.4, 1, 900), (0.6, 1, 200), (0.8, 1, 1000)])
    #expect(curve.points.map(\.p99) == [100, 550, 550, 1000])
  }

  @Test func curvesAreMonotoneAndTheirInverseKeepsTheTarget() throws {
    for seed in seeds {
      var scenario = RandomScenario(seed: seed)
      let points = Array(Set((0..<scenario.count(2...30)).map { _ in scenario.number(0...1) })).sorted().map {
        LatencyCurve.Point(
          utilisation: $0, mean: Int64(scenario.count(1...1_000_000)), p50: Int64(scenario.count(1...1_000_000)),
          p99: Int64(scenario.count(1...9_000_000)))
      }
      guard points.count > 1 else { continue }
      let curve = try LatencyCurve(points.shuffled(using: &scenario))
      let percentile = scenario.number(0.4...1)
      var last: Int64 = 0
      for step in 0...50 {
        let latency = curve.latency(percentile, at: Double(step) / 50)
        #expect(latency >= last, "seed \(seed)")
        last = latency
      }
      let target = Int64(scenario.count(1...12_000_000))
      if let reached = curve.utilisation(percentile, within: target) {
        #expect(curve.latency(percentile, at: reached) <= target + 1, "seed \(seed)")
        let above = min(1, reached + 1e-3)
        let isHighest = reached >= (curve.points.last?.utilisation ?? 0)
        #expect(isHighest || curve.latency(percentile, at: above) >= target - 1, "seed \(seed)")
      } else {
        #expect(curve.latency(percentile, at: 0) >= target, "seed \(seed)")
      }
      #expect((0.30...0.985).contains(curve.utilisation(atP99: target)), "seed \(seed)")
    }
  }

  @Test(arguments: [
    [], [(0.5, 1, 1)], [(0.5, 1, 1), (0.5, 1, 2)], [(0.1, 0, 1), (0.2, 1, 1)], [(.nan, 1, 1), (0.2, 1, 1)],
    [(-0.1, 1, 1), (0.2, 1, 1)], [(0.1, 1, .max), (0.2, 1, 1)], [(0.1, 1, .min), (1.1, 1, 1)],
    [(Double, Int64, Int64)](repeating: (0.1, 1, 1), count: 2000),
  ])
  func pointsThatMakeNoCurveAreRefused(_ points: [(Double, Int64, Int64)]) {
    #expect {
      _ = try Self.curve(points)
    } throws: {
      ($0 as? Fault)?.code == .ioCurveInvalid
    }
  }
}
