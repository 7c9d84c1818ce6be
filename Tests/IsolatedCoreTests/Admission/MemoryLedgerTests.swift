import Faults
import Testing

@testable import IsolatedCore

@Suite struct MemoryLedgerTests {
  private func ledger(overcommit: Bool = false) -> MemoryLedger {
    MemoryLedger(total: 1000 << 20, hostReserve: 200 << 20, allowsOvercommit: overcommit)
  }

  @Test func maximaNeverExceedWhatTheHostCanGive() throws {
    var ledger = ledger()
    try ledger.admit("a", reserved: 0, maximum: 500 << 20)
    #expect(throws: Fault.self) { try ledger.admit("b", reserved: 0, maximum: 301 << 20) }
    try ledger.admit("b", reserved: 0, maximum: 300 << 20)
  }

  @Test func aRefusalSaysWhatIsLeftAndWhichSettingAllowsIt() throws {
    var ledger = ledger()
    try ledger.admit("a", reserved: 0, maximum: 500 << 20)
    let fault = #expect(throws: Fault.self) { try ledger.admit("b", reserved: 0, maximum: 400 << 20) }
    #expect(fault?.message.contains("300 MiB of 800 MiB") == true)
    #expect(fault?.mend?.contains("overcommit: true") == true)
  }

  @Test func overcommitFreesTheMaximaButNeverTheReservations() throws {
    var ledger = ledger(overcommit: true)
    try ledger.admit("a", reserved: 700 << 20, maximum: 5000 << 20)
    #expect(throws: Fault.self) { try ledger.admit("b", reserved: 101 << 20, maximum: 200 << 20) }
    try ledger.admit("b", reserved: 100 << 20, maximum: .max)
    #expect(ledger.maximum == .max)
  }

  @Test func whoAsksAgainIsNotInItsOwnWayAndKeepsWhatItHadWhereRefused() throws {
    var ledger = ledger()
    try ledger.admit("a", reserved: 100 << 20, maximum: 700 << 20)
    try ledger.admit("a", reserved: 100 << 20, maximum: 700 << 20)
    #expect(ledger.maximum == 700 << 20 && ledger.reserved == 100 << 20)
    ledger.change(hostReserve: 400 << 20, allowsOvercommit: false)
    #expect(throws: Fault.self) { try ledger.admit("a", reserved: 100 << 20, maximum: 700 << 20) }
    #expect(ledger.maximum == 700 << 20 && ledger.reserved == 100 << 20)
  }

  @Test func whatIsReleasedCanBeSoldAgainAndNothingTwice() throws {
    var ledger = ledger()
    try ledger.admit("a", reserved: 800 << 20, maximum: 800 << 20)
    ledger.release("a")
    ledger.release("a")
    #expect(ledger.reserved == 0)
    try ledger.admit("b", reserved: 800 << 20, maximum: 800 << 20)
  }

  @Test func aHostSmallerThanItsReserveSellsNothing() {
    var ledger = MemoryLedger(total: 1 << 20, hostReserve: 2 << 20, allowsOvercommit: false)
    #expect(throws: Fault.self) { try ledger.admit("a", reserved: 1, maximum: 1) }
  }

  @Test func aTenantMayHaveMoreAsLongAsItFitsAndIsToldHowMuch() throws {
    var ledger = ledger()
    try ledger.admit("a", reserved: 100 << 20, maximum: 300 << 20)
    try ledger.admit("b", reserved: 0, maximum: 400 << 20)
    let fault = #expect(throws: Fault.self) { try ledger.extend("a", reserved: 100 << 20, maximum: 401 << 20) }
    #expect(fault?.message.contains("could have 400 MiB at most") == true)
    let reserve = #expect(throws: Fault.self) { try ledger.extend("a", reserved: 801 << 20, maximum: 300 << 20) }
    #expect(reserve?.message.contains("could have 800 MiB at most") == true)
    #expect(ledger.maximum == 700 << 20 && ledger.reserved == 100 << 20)
    try ledger.extend("a", reserved: 800 << 20, maximum: 400 << 20)
    #expect(ledger.maximum == 800 << 20 && ledger.reserved == 800 << 20)
  }

  @Test func whatATenantHasStaysItsOwnUntilTheChangeIsCertain() throws {
    var ledger = ledger()
    try ledger.admit("a", reserved: 500 << 20, maximum: 800 << 20)
    try ledger.extend("a", reserved: 0, maximum: 100 << 20)
    #expect(throws: Fault.self) { try ledger.admit("b", reserved: 0, maximum: 1 << 20) }
    ledger.adopt("a", reserved: 0, maximum: 100 << 20)
    try ledger.admit("b", reserved: 0, maximum: 700 << 20)
  }

  @Test func whoHasMoreThanThereIsMayStillTakeLess() throws {
    var ledger = ledger()
    try ledger.admit("a", reserved: 700 << 20, maximum: 800 << 20)
    ledger.change(hostReserve: 900 << 20, allowsOvercommit: false)
    try ledger.extend("a", reserved: 600 << 20, maximum: 800 << 20)
    #expect(throws: Fault.self) { try ledger.extend("a", reserved: 701 << 20, maximum: 800 << 20) }
  }
}
