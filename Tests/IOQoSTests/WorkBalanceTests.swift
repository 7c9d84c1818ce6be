import Testing

@testable import IOQoS

@Suite struct WorkBalanceTests {
  /// Seconds of ticks: what the device does, and how much of it is known at once or half a second late.
  private func run(_ work: Double, known: Double, lag: Int = 0, seconds: Double = 10) -> WorkBalance {
    var balance = WorkBalance()
    for tick in 0..<Int(seconds / 0.02) {
      let noted = Double(lag > 0 ? tick / lag * lag : tick)
      balance.note(
        work: work * 0.02 * Double(tick), waiting: 0, dispatched: known * 0.02 * noted, capacity: 1e9,
        at: Int64(tick) * 20_000_000)
    }
    return balance
  }

  @Test func `what no tenant gave is work that nobody can hold back`() {
    let balance = run(1e9, known: 7e8)
    #expect(abs(balance.unexplained - 2.8e8) < 3e7)
    #expect(balance.merging == 1)
  }

  @Test func `what the device never saw was merged`() {
    let balance = run(5e8, known: 1e9)
    #expect(balance.unexplained == 0)
    #expect(abs(balance.merging - 0.5) < 0.02)
  }

  @Test func `what is learnt half a second late is made up for`() {
    let balance = run(1e9, known: 1e9, lag: 25)
    #expect(balance.unexplained < 0.2e9)
    #expect(balance.merging > 0.95)
  }

  @Test func `a queue that fills isn't missing work`() {
    var balance = WorkBalance()
    for tick in 0..<200 {
      let given = 1e9 * 0.02 * Double(tick)
      balance.note(
        work: given / 2, waiting: given / 2, dispatched: given, capacity: 1e9, at: Int64(tick) * 20_000_000)
    }
    #expect(balance.merging == 1 && balance.unexplained == 0)
  }

  @Test func `a device that does what nobody is known to have asked surprises`() {
    #expect(!run(1e9, known: 1e9).isSurprised)
    #expect(run(1e9, known: 2e8, seconds: 0.2).isSurprised)
  }
}
