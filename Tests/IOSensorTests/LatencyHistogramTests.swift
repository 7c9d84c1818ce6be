import IOSensor
import Testing

@Suite struct LatencyHistogramTests {
  @Test func quantilesAreWithinFivePercentOfTheSortedTimes() {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<20 {
      let scale = UInt64.random(in: 10_000...1_000_000_000, using: &random)
      let times = (0..<5000).map { _ in UInt64.random(in: 1000...scale, using: &random) }.sorted()
      var histogram = LatencyHistogram()
      for time in times { histogram.record(nanoseconds: time) }
      for share in [0.01, 0.5, 0.9, 0.99, 0.999, 1] {
        let exact = Double(times[max(0, Int((share * 5000).rounded(.up)) - 1)])
        let told = Double(histogram.quantile(share) ?? 0)
        #expect(abs(told - exact) / exact < 0.05, "\(share): \(told) for \(exact)")
      }
    }
  }

  @Test func nothingCountedHasNoQuantile() {
    #expect(LatencyHistogram().quantile(0.99) == nil)
    #expect(LatencyHistogram().count == 0)
    #expect(LatencyHistogram().totalNanoseconds == 0)
  }

  @Test func sharesOutOfRangeAreTheFirstAndTheLast() {
    var histogram = LatencyHistogram()
    histogram.record(nanoseconds: 1_000_000)
    histogram.record(nanoseconds: 9_000_000)
    #expect(histogram.quantile(-3) == histogram.quantile(0))
    #expect(histogram.quantile(.nan) == histogram.quantile(0))
    #expect(histogram.quantile(7) == histogram.quantile(1))
    #expect(histogram.quantile(.infinity) == histogram.quantile(1))
    #expect(histogram.quantile(0) != histogram.quantile(1))
  }

  @Test func aWindowIsTheDifferenceOfTwoReadings() {
    var earlier = LatencyHistogram()
    earlier.record(nanoseconds: 5_000_000, count: 1000)
    var now = earlier
    now.record(nanoseconds: 100_000, count: 10)
    let window = now.since(earlier)
    #expect(window.count == 10)
    #expect(window.quantile(1) == LatencyScale.middle(ofBucket: LatencyScale.bucket(ofNanoseconds: 100_000)))
    var together = earlier
    together.merge(window)
    #expect(together == now)
  }

  @Test func aReadingThatBeganAnewIsAllNew() {
    var earlier = LatencyHistogram()
    earlier.record(nanoseconds: 5_000_000, count: 1000)
    var now = LatencyHistogram()
    now.record(nanoseconds: 5_000_000, count: 3)
    #expect(now.since(earlier).count == 3)
  }

  @Test func countsThatAreTooLargeStayAtTheLargest() {
    var histogram = LatencyHistogram()
    histogram.record(nanoseconds: 1000, count: .max)
    histogram.record(nanoseconds: 1000, count: 5)
    histogram.record(nanoseconds: 2_000_000, count: .max)
    #expect(histogram.count == .max)
    #expect(histogram.totalNanoseconds == .max)
    #expect(histogram.quantile(1) != nil)
    var twice = histogram
    twice.merge(histogram)
    #expect(twice.count == .max)
  }

  @Test func countsOfAnotherLengthAreCutOrFilledUp() {
    #expect(LatencyHistogram(counts: [1, 2]).count == 3)
    #expect(LatencyHistogram(counts: [1, 2]).counts.count == LatencyScale.bucketCount)
    #expect(LatencyHistogram(counts: repeatElement(1, count: 5000)).count == UInt64(LatencyScale.bucketCount))
  }
}

@Suite struct FoldedHistogramTests {
  @Test func foldingLosesNoOperationAndNeverFalls() {
    var random = SystemRandomNumberGenerator()
    var histogram = LatencyHistogram()
    for _ in 0..<5000 {
      histogram.record(nanoseconds: 1 << UInt64.random(in: 6...35, using: &random))
    }
    let folded = histogram.folded()
    #expect(folded.bounds.count == 16)
    #expect(folded.count == 5000)
    #expect(zip(folded.cumulativeCounts, folded.cumulativeCounts.dropFirst()).allSatisfy { $0 <= $1 })
    #expect(folded.cumulativeCounts.last.map { $0 <= folded.count } == true)
  }

  @Test func eachTimeCountsUnderItsBound() {
    var histogram = LatencyHistogram()
    histogram.record(nanoseconds: 50_000)
    histogram.record(nanoseconds: 700_000, count: 2)
    histogram.record(nanoseconds: 15_000_000_000, count: 4)
    let folded = histogram.folded(at: [1_000_000, 100_000])
    #expect(folded.bounds == [100_000, 1_000_000])
    #expect(folded.cumulativeCounts == [1, 3])
    #expect(folded.count == 7)
  }

  @Test func noMoreThanSixteenBoundsEachOnce() {
    let folded = LatencyHistogram().folded(at: (1...40).flatMap { [$0 * 1000, $0 * 1000] })
    #expect(folded.bounds == (1...16).map { $0 * 1000 })
    #expect(LatencyHistogram().folded(at: []).cumulativeCounts.isEmpty)
  }
}
