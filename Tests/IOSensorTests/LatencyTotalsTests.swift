import Testing

@testable import IOSensor

@Suite struct LatencyTotalsTests {
  private func window(_ times: [(IOPhase, UInt64, UInt32)]) -> IOLatencyWindow {
    var row = [UInt32](repeating: 0, count: IOPhase.allCases.count * LatencyScale.bucketCount)
    for (phase, time, count) in times {
      row[Int(phase.rawValue) * LatencyScale.bucketCount + LatencyScale.bucket(ofNanoseconds: time)] += count
    }
    var seen = [UInt32](repeating: 0, count: row.count)
    return IOLatencyWindow(count: UInt64(times.filter { $0.0 == .total }.count), row: row, seen: &seen)
  }

  @Test func windowsAddUpInFewBuckets() {
    var totals = LatencyTotals()
    for _ in 0..<3 {
      totals.add(
        window([(.total, 700_000, 5), (.total, 3_000_000_000, 1), (.total, 17_000_000_000, 2), (.held, 50, 9)]))
    }
    #expect(totals.counts.reduce(0, +) == 24)
    #expect(totals.counts[LatencyTotals.bounds.firstIndex(of: 1_000_000) ?? 0] == 15)
    #expect(totals.counts[LatencyTotals.bounds.firstIndex(of: 5_000_000_000) ?? 0] == 3)
    #expect(totals.counts.last == 6)
  }

  @Test func everyBucketCountsOnceOnTheSideOfItsMiddle() {
    var totals = LatencyTotals()
    for bucket in 0..<LatencyScale.bucketCount {
      totals.add(window([(.total, LatencyScale.bounds(ofBucket: bucket).lowerBound, 1)]))
    }
    #expect(totals.counts.reduce(0, +) == UInt64(LatencyScale.bucketCount))
    for (slot, bound) in LatencyTotals.bounds.enumerated() {
      let below = (0..<LatencyScale.bucketCount).count { LatencyScale.middle(ofBucket: $0) <= bound }
      #expect(totals.counts[...slot].reduce(0, +) == UInt64(below))
    }
  }

  @Test func phasesHaveTheirSumsWithinTheWidthOfABucket() {
    var totals = LatencyTotals()
    totals.add(window([(.total, 10_000_000, 100), (.queue, 4_000_000, 100), (.device, 6_000_000, 100)]))
    for (phase, expected) in [(IOPhase.total, 1e9), (.queue, 4e8), (.device, 6e8), (.held, 0)] {
      #expect(abs(Double(totals.nanoseconds(in: phase)) - expected) <= expected * 0.033)
    }
  }

  @Test func thereAreAtMostSixteenBuckets() {
    #expect(LatencyTotals().counts.count <= 16)
    #expect(zip(LatencyTotals.bounds, LatencyTotals.bounds.dropFirst()).allSatisfy { $0 < $1 })
  }
}
