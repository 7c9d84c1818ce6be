import Testing

@testable import IOSensor

@Suite struct IOLatenciesTests {
  /// A row as the kernel has it, with `number` IOs of `nanoseconds` in one phase.
  private func row(_ phase: IOPhase, _ nanoseconds: UInt64, _ number: UInt32) -> [UInt32] {
    var row = [UInt32](repeating: 0, count: IOLatencies.size)
    row[Int(phase.rawValue) * LatencyScale.bucketCount + LatencyScale.bucket(ofNanoseconds: nanoseconds)] = number
    return row
  }

  /// What is new in a row; as many IOs as the counts of its phases have.
  private func changes(_ row: [UInt32], _ seen: inout [UInt32]) -> IOLatencyWindow {
    let new = zip(row, seen).reduce(0) { $0 + UInt64($1.0 &- $1.1) }
    return IOLatencyWindow(count: new, row: row, seen: &seen)
  }

  @Test func aPhaseShowsItsOwnCounts() {
    var latencies = IOLatencies()
    var seen = [UInt32](repeating: 0, count: IOLatencies.size)
    latencies.add(changes(row(.queue, 3_000_000, 7), &seen))
    #expect(latencies[.queue].count == 7)
    #expect([IOPhase.total, .held, .device].allSatisfy { latencies[$0].count == 0 })
  }

  @Test func aCounterThatWrapsGoesOn() {
    var latencies = IOLatencies()
    var seen = [UInt32](repeating: 0, count: IOLatencies.size)
    latencies.add(changes(row(.total, 3_000_000, .max - 1), &seen))
    latencies.add(changes(row(.total, 3_000_000, 4), &seen))
    #expect(latencies[.total].count == UInt64(UInt32.max) + 5)
  }

  @Test func rowsOfSeveralProcessorsAddUp() {
    var latencies = IOLatencies()
    var seen = [[UInt32]](repeating: [UInt32](repeating: 0, count: IOLatencies.size), count: 2)
    latencies.add(changes(row(.device, 1_000_000, 5), &seen[0]))
    latencies.add(changes(row(.device, 1_000_000, 3), &seen[1]))
    latencies.add(changes(row(.device, 1_000_000, 4), &seen[1]))
    #expect(latencies[.device].count == 9)
  }

  @Test func aWindowHasOnlyWhatIsNew() {
    let quiet = IOLatencyKey(cgroup: 1, disk: DiskNumber(major: 8, minor: 0), operation: .read)
    let busy = IOLatencyKey(cgroup: 2, disk: DiskNumber(major: 8, minor: 0), operation: .read)
    let late = IOLatencyKey(cgroup: 3, disk: DiskNumber(major: 8, minor: 0), operation: .flush)
    var latencies = IOLatencies()
    var seen = [UInt32](repeating: 0, count: IOLatencies.size)
    latencies.add(changes(row(.total, 1_000_000, 5), &seen))
    let earlier = IOLatencySnapshot(latencies: [quiet: latencies, busy: latencies], lost: 3)
    var now = earlier
    now.latencies[busy]?.add(changes(row(.total, 1_000_000, 9), &seen))
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
    earlier.add(changes(row(.total, 1_000_000, 500), &seen))
    var now = IOLatencies()
    seen = [UInt32](repeating: 0, count: IOLatencies.size)
    now.add(changes(row(.total, 1_000_000, 2), &seen))
    #expect(now.since(earlier) == now)
  }

  @Test func windowsAddUpToWhatWasCounted() {
    var random = SystemRandomNumberGenerator()
    var kernel = [UInt32](repeating: .max - 50, count: IOLatencies.size)
    var seen = kernel
    var latencies = IOLatencies()
    var together = IOLatencyWindow()
    for _ in 0..<40 {
      for _ in 0..<Int.random(in: 0...60, using: &random) {
        kernel[Int.random(in: 0..<IOLatencies.size, using: &random)] &+= UInt32.random(in: 1...9, using: &random)
      }
      let window = changes(kernel, &seen)
      #expect(seen == kernel)
      latencies.add(window)
      together.merge(window)
    }
    for phase in IOPhase.allCases {
      #expect(together.histogram(of: phase) == latencies[phase])
      for share in [0, 0.01, 0.5, 0.99, 1] {
        #expect(together.quantile(share, of: phase) == latencies[phase].quantile(share))
      }
    }
    #expect(together.count == latencies.count)
  }

  @Test func anEmptyWindowHasNoQuantile() {
    var seen = [UInt32](repeating: 3, count: IOLatencies.size)
    let window = changes(seen, &seen)
    #expect(window == IOLatencyWindow())
    #expect(window.quantile(0.99, of: .total) == nil)
  }

  @Test func aDiskIsNamedAsInSysfs() {
    #expect(DiskNumber(packed: 259 << 20 | 5).description == "259:5")
    #expect(DiskNumber(packed: .max) == DiskNumber(major: 4095, minor: 1_048_575))
  }
}
