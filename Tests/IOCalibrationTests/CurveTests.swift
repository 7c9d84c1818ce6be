import Testing

@testable import IOCalibration

@Suite struct CurveTests {
  static func point(_ utilisation: Double, _ p99: Double, samples: Int = 100) -> LoadLatencyCurve.Point {
    LoadLatencyCurve.Point(
      utilisation: utilisation, offered: 100 * utilisation, rate: 100 * utilisation, p50: p99 / 4, p99: p99,
      p999: nil, rawP99: p99, samples: samples, isSaturated: false)
  }

  @Test func neighboursOutOfOrderArePooledByTheirWeights() {
    #expect(LoadLatencyCurve.monotone([1, 3, 2, 4], [1, 1, 1, 1]) == [1, 3, 3, 4])
    #expect(LoadLatencyCurve.monotone([4, 1], [3, 1]) == [4, 4])
    #expect(
      LoadLatencyCurve.monotone([60, 7, 6, 5, 6], [1, 1, 1, 1, 1]) == [6, 6, 6, 6, 6], "one outlier decides nothing")
    #expect(LoadLatencyCurve.monotone([], []) == [])
  }

  @Test func anyMeasurementBecomesARisingCurve() {
    var random = SplitMix(seed: 7)
    for _ in 0..<500 {
      let points = (0..<random.below(12)).map {
        Self.point(Double($0 + 1) / 12, random.unit() * 1e8, samples: random.below(1000))
      }
      let curve = LoadLatencyCurve(isWrite: false, capacity: 100, measured: points)
      #expect(zip(curve.points, curve.points.dropFirst()).allSatisfy { $0.p99 <= $1.p99 && $0.p50 <= $1.p50 })
      let lines = TerminalChart.lines(curve, width: random.below(120))
      #expect(lines.allSatisfy { $0.count <= 120 })
    }
  }

  @Test func betweenPointsTheLogarithmIsStraight() throws {
    let curve = LoadLatencyCurve(
      isWrite: false, capacity: 100, measured: [Self.point(0.2, 1e5), Self.point(0.4, 1e7)])
    #expect(abs(try #require(curve.p99(at: 0.3)) - 1e6) < 1)
    #expect(curve.p99(at: 0) == 1e5)
    #expect(curve.p99(at: 2) == 1e7)
    #expect(LoadLatencyCurve(isWrite: false, capacity: 1, measured: []).p99(at: 0.5) == nil)
  }

  @Test(arguments: [10, 40, 80, 200])
  func theChartFitsItsWidth(_ width: Int) {
    let curve = LoadLatencyCurve(
      isWrite: false, capacity: 100, measured: [Self.point(0.2, 1e5), Self.point(0.5, 3e6), Self.point(0.98, 1e9)])
    let lines = TerminalChart.lines(curve, width: width)
    #expect(lines.allSatisfy { $0.count <= width })
    #expect(lines.isEmpty == (width < 34))
  }

  @Test func percentilesAreWithinABucketOfTheTruth() throws {
    var histogram = TimeHistogram()
    for time in 1...100_000 { histogram.note(Int64(time) * 1_000) }
    for share in [0.5, 0.9, 0.99, 0.999] {
      let found = try #require(histogram.percentile(share))
      #expect(abs(found - share * 1e8) < 0.016 * share * 1e8)
    }
    for time in [Int64.min, -1, 0, .max] { histogram.note(time) }
    #expect(histogram.count == 100_004)
    #expect(TimeHistogram().percentile(0.5) == nil)
  }

  @Test func figuresAreShort() {
    #expect(FigureText.time(1_250_000) == "1.25 ms")
    #expect(FigureText.time(0) == "0 ns")
    #expect(FigureText.digits(12_345.6) == "12346")
    #expect(FigureText.bytes(1_048_576) == "1 MiB")
    #expect(FigureText.percent(-0.053) == "-5.3 %")
    #expect(FigureText.digits(.nan) == "?")
    #expect(FigureText.fixed(.infinity, 2) == "?")
    #expect(FigureText.fixed(1e14, 6) != "")
    #expect(FigureText.fixed(-0.04, 2) == "-0.04")
  }
}
