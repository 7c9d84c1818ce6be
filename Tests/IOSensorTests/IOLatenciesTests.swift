import Testing

@testable import IOSensor

@Suite struct IOLatenciesTests {
  /// A row as the kernel has it, with `number` IOs of `nanoseconds` in one phase.
  private func row(_ phase: IOPhase, _ nanoseconds: UInt64, _ number: UInt32) -> [UInt32] {
    var row = [UInt32](repeating: 0, count: IOLatencies.size)
    row[Int(phase.rawValue) * LatencyScale.bucketCount + LatencyScale.bucket(ofNanoseconds: nanoseconds)] = number
    return row
  }

  @Test func aPhaseShowsItsOwnCounts() {
    var latencies = IOLatencies()
    var seen = [UInt32](repeating: 0, count: IOLatencies.size)
    latencies.add(row(.queue, 3_000_000, 7), seen: &seen)
    #expect(latencies[.queue].count == 7)
    #expect([IOPhase.total, .held, .device].allSatisfy { latencies[$0].count == 0 })
  }

  @Test func aCounterThatWrapsGoesOn() {
    var latencies = IOLatencies()
    var seen = [UInt32](repeating: 0, count: IOLatencies.size)
    latencies.add(row(.total, 3_000_000, .max - 1), seen: &seen)
    latencies.add(row(.total, 3_000_000, 4), seen: &seen)
    #expect(latencies[.total].count == UInt64(UInt32.max) + 5)
  }

  @Test func rowsOfSeveralProcessorsAddUp() {
    var latencies = IOLatencies()
    var seen = [[UInt32]](repeating: [UInt32](repeating: 0, count: IOLatencies.size), count: 2)
    latencies.add(row(.device, 1_000_000, 5), seen: &seen[0])
    latencies.add(row(.device, 1_000_000, 3), seen: &seen[1])
    latencies.add(row(.device, 1_000_000, 4), seen: &seen[1])
    #expect(latencies[.device].count == 9)
  }

  @Test func aWindowHasOnlyWhatIsNew() {
    let quiet = IOLatencyKey(cgroup: 1, disk: DiskNumber(major: 8, minor: 0), operation: .read)
    let busy = IOLatencyKey(cgroup: 2, disk: DiskNumber(major: 8, minor: 0), operation: .read)
    let late = IOLatencyKey(cgroup: 3, disk: DiskNumber(major: 8, minor: 0), operation: .flush)
    var latencies = IOLatencies()
    var seen = [UInt32](repeating: 0, count: IOLatencies.size)
    latencies.add(row(.total, 1_000_000, 5), seen: &seen)
    latencies.count = 5
    let earlier = IOLatencySnapshot(latencies: [quiet: latencies, busy: latencies], lost: 3)
    var now = earlier
    now.latencies[busy]?.add(row(.total, 1_000_000, 9), seen: &seen)
    now.latencies[busy]?.count = 9
    now.latencies[late] = latencies
    now.lost = 4
    let window = now.since(earlier)
    #expect(Set(window.latencies.keys) == [busy, late])
    #expect(window.latencies[busy]?.count == 4)
    #expect(window.latencies[busy]?[.total].count == 4)
    #expect(window.latencies[late]?.count == 5)
    #expect(window.lost == 1)
  }

  @Test func aGroupThatWasForgottenMeanwhileBeginsAnew() {
    var earlier = IOLatencies()
    var seen = [UInt32](repeating: 0, count: IOLatencies.size)
    earlier.add(row(.total, 1_000_000, 500), seen: &seen)
    earlier.count = 500
    var now = IOLatencies()
    seen = [UInt32](repeating: 0, count: IOLatencies.size)
    now.add(row(.total, 1_000_000, 2), seen: &seen)
    now.count = 2
    #expect(now.since(earlier) == now)
  }

  @Test func aDiskIsNamedAsInSysfs() {
    #expect(DiskNumber(packed: 259 << 20 | 5).description == "259:5")
    #expect(DiskNumber(packed: .max) == DiskNumber(major: 4095, minor: 1_048_575))
  }
}
