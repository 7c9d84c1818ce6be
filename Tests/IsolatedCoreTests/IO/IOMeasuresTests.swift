import CgroupKit
import Testing

@testable import IOQoS
@testable import IsolatedCore

@Suite struct IOMeasuresTests {
  private func state(
    _ share: DeviceShares.Share, isHungry: Bool = true, used: Double = 10, isActive: Bool = true, reserved: Double = 100
  ) -> TenantState {
    TenantState(
      share: share, isHungry: isHungry, used: used, rates: PerDirection(read: .none, write: .none), isActive: isActive,
      reserved: reserved)
  }

  private func counted(_ state: TenantState) -> (met: UInt64, missed: UInt64) {
    var counters = IOMeasures.TenantCounters()
    counters.noteReservation(state)
    return (counters.reservationMet, counters.reservationMissed)
  }

  @Test func aReservationIsMissedByWhoWantsMoreAndGetsLess() {
    for share in [DeviceShares.Share.held(at: 10, because: .share), .held(at: 10, because: .reservationsScaled)] {
      #expect(counted(state(share, isHungry: false)) == (0, 1))
      #expect(counted(state(share, used: 96)) == (1, 0))
    }
    #expect(counted(state(.standing(at: 10))) == (0, 1))
  }

  @Test func whoWantsLessOrHasReachedItsOwnLimitHasWhatItWasPromised() {
    #expect(counted(state(.released, isHungry: false)) == (1, 0))
    #expect(counted(state(.standing(at: 500), isHungry: false)) == (1, 0))
    #expect(counted(state(.held(at: 10, because: .limit))) == (1, 0))
    #expect(counted(state(.held(at: 10, because: .demand), isHungry: false)) == (1, 0))
  }

  @Test func whoSleepsOrReservesNothingIsNotCounted() {
    #expect(counted(state(.held(at: 10, because: .share), isActive: false)) == (0, 0))
    #expect(counted(state(.held(at: 10, because: .share), reserved: 0)) == (0, 0))
  }

  @Test func theLoopCountsTicksDecisionsAndHowLongItHoldsBack() throws {
    let host = try FakeIOHost()
    var loop = try host.loop()
    let model = try FakeIOHost.model()
    loop.turn([
      .begin("web", try host.group("tenants/web"), [host.assignment("web", model: model, weight: 300)]),
      .begin("bulk", try host.group("tenants/bulk"), [host.assignment("bulk", model: model)]),
    ])
    var held: [UInt64] = []
    for _ in 0..<6 {
      try host.run(&loop, ticks: 50, reads: 30, by: ["web", "bulk"])
      let disk = try #require(host.report.measures.disks.first)
      #expect(disk.disk == FakeIOHost.disk && disk.missedTicks == 0)
      #expect(Set(disk.tenants.map(\.name)) == ["web", "bulk"])
      held.append(disk.tenants.reduce(0) { $0 + $1.counters.heldNanoseconds })
    }
    // A second's chores, the report last, are spread over some turns.
    try host.run(&loop, ticks: 8, reads: 30, by: ["web", "bulk"])
    let disk = try #require(host.report.measures.disks.first)
    #expect(disk.ticks.counts.reduce(0, +) >= 295)
    #expect(held.last ?? 0 > 1_000_000_000 && held == held.sorted())
    // No more than all of the time of both.
    #expect(held.last ?? 0 <= 12_000_000_000)
    #expect(disk.decisions["share"] ?? 0 > 0)
    #expect(host.report.time > 0)
    // A thread that slept for half a second.
    host.now += 500_000_000
    try host.run(&loop, ticks: 60)
    #expect(host.report.measures.disks.first?.missedTicks == 25)
  }

  @Test func countersAreTheTenantsOwnAndStartAnewWithIt() throws {
    let host = try FakeIOHost()
    var loop = try host.loop()
    let model = try FakeIOHost.model()
    for name in ["web", "bulk"] {
      loop.turn([.begin(name, try host.group("tenants/\(name)"), [host.assignment(name, model: model)])])
    }
    try host.run(&loop, ticks: 150, reads: 30, by: ["web", "bulk"])
    func held(_ name: String) -> UInt64? {
      host.report.measures.disks.first?.tenants.first { $0.name == name }?.counters.heldNanoseconds
    }
    let before = try #require(held("bulk"))
    #expect(before > 0)
    // A disk that was measured anew forgets nothing of them.
    loop.turn([
      .begin(
        "other", try host.group("tenants/other"),
        [host.assignment("other", model: try FakeIOHost.model(measured: 2))])
    ])
    #expect(held("bulk") ?? 0 >= before)
    loop.turn([.end("bulk")])
    #expect(held("bulk") == nil && held("web") != nil)
    loop.turn([.begin("bulk", try host.group("tenants/bulk"), [host.assignment("bulk", model: model)])])
    #expect(held("bulk") == 0)
  }
}
