import CIOLatency
import IOSensor
import Testing

@Suite struct LatencyScaleTests {
  @Test func everyTimeLiesWithinTheBoundsOfItsBucket() {
    var random = SystemRandomNumberGenerator()
    for exponent in 0..<34 {
      for _ in 0..<200 {
        let time = UInt64.random(in: 1 << UInt64(exponent)..<2 << UInt64(exponent), using: &random)
        let bucket = LatencyScale.bucket(ofNanoseconds: time)
        #expect(LatencyScale.bounds(ofBucket: bucket).contains(time), "\(time) ns")
      }
    }
  }

  @Test func theMiddleOfABucketIsWithinFivePercentFromOneMicrosecondToTenSeconds() {
    var time: UInt64 = 1000
    while time <= 10_000_000_000 {
      let bounds = LatencyScale.bounds(ofBucket: LatencyScale.bucket(ofNanoseconds: time))
      for edge in [bounds.lowerBound, bounds.upperBound - 1] {
        let middle = LatencyScale.middle(ofBucket: LatencyScale.bucket(ofNanoseconds: edge))
        let error = abs(Double(middle) - Double(edge)) / Double(edge)
        #expect(error < 0.05, "\(edge) ns is told as \(middle)")
      }
      time = bounds.upperBound
    }
  }

  @Test func bucketsFollowOneAnotherWithoutGapOrOverlap() {
    for bucket in 1..<LatencyScale.bucketCount {
      #expect(
        LatencyScale.bounds(ofBucket: bucket - 1).upperBound == LatencyScale.bounds(ofBucket: bucket).lowerBound)
    }
    for bucket in 0..<LatencyScale.bucketCount {
      let bounds = LatencyScale.bounds(ofBucket: bucket)
      #expect(LatencyScale.bucket(ofNanoseconds: bounds.lowerBound) == bucket)
      #expect(LatencyScale.bucket(ofNanoseconds: bounds.upperBound - 1) == bucket)
    }
  }

  @Test func theShortestAndTheLongestTimesHaveABucket() {
    #expect(LatencyScale.bucket(ofNanoseconds: 0) == 0)
    #expect(LatencyScale.bucket(ofNanoseconds: 63) == 0)
    for time in [17_179_869_184, UInt64.max / 2, .max] {
      #expect(LatencyScale.bucket(ofNanoseconds: time) == LatencyScale.bucketCount - 1)
    }
  }

  @Test func aBucketThatDoesNotExistIsTakenForTheNearest() {
    #expect(LatencyScale.bounds(ofBucket: -5) == LatencyScale.bounds(ofBucket: 0))
    #expect(LatencyScale.bounds(ofBucket: .max) == LatencyScale.bounds(ofBucket: LatencyScale.bucketCount - 1))
  }

  @Test func theReaderAgreesWithTheProgramOnTheLayout() {
    let row = MemoryLayout<ciolatency_row>.self
    #expect(row.size == 8 + 4 * LatencyScale.bucketCount * IOPhase.allCases.count)
    #expect(row.offset(of: \.buckets) == 8)
    #expect(MemoryLayout<ciolatency_key>.size == 16)
    #expect(MemoryLayout<ciolatency_state>.size == 24)
    #expect(IOOperation.allCases.count == Int(CIOLATENCY_OPERATIONS.rawValue))
    #expect(IOPhase.allCases.count == Int(CIOLATENCY_PHASES.rawValue))
    #expect(IOOperation.flush.rawValue == UInt8(CIOLATENCY_FLUSH.rawValue))
    #expect(IOOperation.syncWrite.rawValue == UInt8(CIOLATENCY_SYNC_WRITE.rawValue))
    #expect(IOPhase.device.rawValue == UInt8(CIOLATENCY_DEVICE.rawValue))
  }
}
