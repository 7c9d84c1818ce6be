import ControlProtocol
import Testing

@testable import IOQoS
@testable import IsolatedCore

@Suite struct IOReportTests {
  private func text(
    _ share: DeviceShares.Share, isActive: Bool = true, isKnown: Bool = true, isAtOwnLimit: Bool = false,
    others: [String] = []
  ) -> String {
    let state = TenantState(
      share: share, isHungry: false, used: 0, rates: PerDirection(read: .none, write: .none), isActive: isActive,
      reserved: 0)
    return ScheduledDisk.text(state, isKnown: isKnown, isAtOwnLimit: isAtOwnLimit, others: others) {
      ScheduledDisk.percent($0)
    }
  }

  @Test func everyStateHasItsSentence() {
    #expect(text(.released) == "not held back: it wants less than its part of the disk")
    #expect(text(.released, isKnown: false) == "not held back: what the disk can do isn't known yet")
    #expect(text(.released, isAtOwnLimit: true) == "held at its own limit")
    #expect(
      text(.standing(at: 0.5)) == "not held back: it wants less than the 50 % of the disk that it may use at once")
    #expect(
      text(.standing(at: 0.025), isActive: false)
        == "asleep: it may use 2.5 % of the disk when it wakes, and more once it is seen to want it")
    #expect(text(.held(at: 0.1, because: .limit), others: ["x"]) == "held at its own limit, 10 % of the disk")
    #expect(
      text(.held(at: 0.1, because: .reservationsScaled))
        == "held at 10 % of the disk: it has slowed below what is reserved on it")
    #expect(text(.held(at: 0.3, because: .share)) == "held at 30 % of the disk: it wants more than its weight's part")
    #expect(
      text(.held(at: 0.3, because: .share), others: ["web", "db"])
        == "held at 30 % of the disk for the latency of web, db")
  }

  @Test func everyStateHasItsWord() {
    func word(_ share: DeviceShares.Share, _ isActive: Bool = true, own: Bool = false) -> IOTenant.State {
      let state = TenantState(
        share: share, isHungry: false, used: 0, rates: PerDirection(read: .none, write: .none), isActive: isActive,
        reserved: 0)
      return ScheduledDisk.word(state, isAtOwnLimit: own).0
    }
    #expect(word(.released) == .free && word(.released, false) == .sleeping && word(.released, own: true) == .limit)
    #expect(word(.standing(at: 1)) == .free && word(.standing(at: 1), false) == .sleeping)
    #expect(word(.held(at: 1, because: .limit)) == .limit && word(.held(at: 1, because: .share)) == .share)
    #expect(word(.held(at: 1, because: .demand)) == .share)
    #expect(word(.held(at: 1, because: .reservationsScaled)) == .reservationScaled)
  }

  @Test func partsAreSaidInPercent() {
    #expect(
      [0, 0.001, 0.0004, 0.05, 0.0999, 0.0996, 0.104, 1, 1.03].map(ScheduledDisk.percent) == [
        "0 %", "0.1 %", "0 %", "5 %", "10 %", "10 %", "10 %", "100 %", "103 %",
      ])
    #expect([0.0123, -0.0123].map(ScheduledDisk.percent) == ["1.2 %", "-1.2 %"])
    #expect([Double.nan, .infinity, -.infinity, 1e300].allSatisfy { ScheduledDisk.percent($0) == "?" })
  }

  @Test func longListsOfNamesAreCut() {
    #expect(ScheduledDisk.list([]) == "" && ScheduledDisk.list(["a", "b", "c"]) == "a, b, c")
    #expect(ScheduledDisk.list(["a", "b", "c", "d"]) == "a, b and 2 more")
  }
}
