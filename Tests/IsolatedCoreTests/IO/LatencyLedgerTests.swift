import CgroupKit
import IOQoS
import Testing

@testable import IOSensor
@testable import IsolatedCore

@Suite struct LatencyLedgerTests {
  private static let second: Int64 = 1_000_000_000
  private let disk = DeviceNumber(major: 8, minor: 0)
  private let target = LatencyTarget(.read, latency: 5_000_000)

  /// So many operations of each time, in milliseconds.
  private func window(_ count: UInt32, held: UInt64 = 0, queue: UInt64 = 0, device: UInt64) -> IOLatencyWindow {
    var row = [UInt32](repeating: 0, count: IOPhase.allCases.count * LatencyScale.bucketCount)
    for (phase, time) in [(IOPhase.total, held + queue + device), (.held, held), (.queue, queue), (.device, device)] {
      row[Int(phase.rawValue) * LatencyScale.bucketCount + LatencyScale.bucket(ofNanoseconds: time * 1_000_000)] = count
    }
    var seen = [UInt32](repeating: 0, count: row.count)
    return IOLatencyWindow(count: UInt64(count), row: row, seen: &seen)
  }

  private func figures(_ ledger: LatencyLedger, at time: Int64) -> (samples: Int, p99: Int, wait: Int, kept: Double?)? {
    ledger.figures(on: disk, promise: Promise(tenant: "a", targets: [target]), at: time).first.map {
      ($0.samples, $0.p99Usec, $0.waitP99Usec, $0.kept)
    }
  }

  @Test func windowsInWhichTheTargetHeldAreCounted() {
    var ledger = LatencyLedger()
    for second in 1...4 {
      ledger.note(
        window(100, device: second == 2 ? 9 : 1), .init(disk: disk, operation: .read), at: Int64(second) * Self.second,
        target: target)
    }
    let all = figures(ledger, at: 4 * Self.second)
    #expect(all?.samples == 400 && all?.kept == 0.75)
    #expect(abs((all?.p99 ?? 0) - 9000) < 400)
  }

  @Test func countsOnlyGrowWhateverIsForgotten() {
    var ledger = LatencyLedger()
    let key = LatencyLedger.Key(disk: disk, operation: .read)
    for second in 1...200 {
      ledger.note(window(10, device: second % 4 == 0 ? 9 : 1), key, at: Int64(second) * Self.second, target: target)
    }
    ledger.note(window(10, device: 1), .init(disk: disk, operation: .write), at: 200 * Self.second, target: nil)
    let totals = ledger.totals(on: disk)
    #expect(totals.map(\.operation) == [.read, .write])
    #expect(totals.map(\.windowsMet) == [150, 0] && totals.map(\.windowsMissed) == [50, 0])
    #expect(totals.first?.totals.counts.reduce(0, +) == 2000)
    #expect(ledger.totals(on: DeviceNumber(major: 9, minor: 0)).isEmpty)
  }

  @Test func theWaitForOnesOwnLimitDoesntCount() {
    var ledger = LatencyLedger()
    ledger.note(
      window(100, held: 90, queue: 1, device: 2), .init(disk: disk, operation: .read), at: Self.second, target: target)
    let held = figures(ledger, at: Self.second)
    #expect(held?.kept == 1 && abs((held?.p99 ?? 0) - 3000) < 200 && abs((held?.wait ?? 0) - 90_000) < 4000)
  }

  @Test func whatIsOldIsForgotten() {
    var ledger = LatencyLedger()
    let key = LatencyLedger.Key(disk: disk, operation: .read)
    ledger.note(window(100, device: 9), key, at: Self.second, target: target)
    #expect(figures(ledger, at: 10 * Self.second)?.samples == 100)
    #expect(figures(ledger, at: 11 * Self.second) == nil)
    ledger.note(window(7, device: 1), key, at: 30 * Self.second, target: target)
    let now = figures(ledger, at: 30 * Self.second)
    #expect(now?.samples == 7 && now?.kept == 0.5)
    ledger.note(window(7, device: 1), key, at: 61 * Self.second, target: target)
    #expect(figures(ledger, at: 61 * Self.second)?.kept == 1)
  }

  @Test func withoutATargetNothingIsKeptOrBroken() {
    var ledger = LatencyLedger()
    ledger.note(window(3, device: 1), .init(disk: disk, operation: .write), at: Self.second, target: nil)
    ledger.note(IOLatencyWindow(), .init(disk: disk, operation: .read), at: Self.second, target: target)
    let all = ledger.figures(on: disk, promise: Promise(tenant: "a"), at: Self.second)
    #expect(all.map(\.samples) == [0, 3] && all.allSatisfy { $0.kept == nil && $0.targetUsec == nil })
    #expect(ledger.figures(on: DeviceNumber(major: 9, minor: 0), promise: Promise(tenant: "a"), at: 0).isEmpty)
  }

  @Test func aFlushCountsAgainstTheTargetOfSynchronousWrites() {
    let promise = Promise(tenant: "a", targets: [LatencyTarget(.syncWrite, latency: 1)])
    #expect(LatencyLedger.target(of: promise, .flush) == LatencyLedger.target(of: promise, .syncWrite))
    #expect(LatencyLedger.target(of: promise, .discard) == nil && LatencyLedger.target(of: promise, .read) == nil)
  }
}
