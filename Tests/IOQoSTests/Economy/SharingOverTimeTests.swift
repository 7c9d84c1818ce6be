import IOQoS
import Testing

/// The division tick after tick, with whole operations of different size and direction, in virtual time.
@Suite struct SharingOverTimeTests {
  private static let tick = 0.02
  private static let model = CostModel(
    read: .init(randomBase: 90_000, sequentialBase: 20_000, perPage: 3_000),
    write: .init(randomBase: 120_000, sequentialBase: 30_000, perPage: 9_000))

  /// A tenant who issues whole operations as its grant allows; what is left of a grant is carried over, as io.max does.
  private struct Tenant {
    var weight: Double
    var cost: Double
    var want: Double
    var used = 0.0
    var usedNow = 0.0
    var grant: Double?
    var credit = 0.0
    var backlog = 0.0

    /// Runs a tick; `isAsking` adds to the backlog.
    mutating func run(_ seconds: Double, isAsking: Bool) {
      if isAsking { backlog = min(backlog + want * seconds, want) }
      let allowed = (grant ?? want) * seconds + credit
      let operations = (min(allowed, backlog) / cost).rounded(.down)
      usedNow = operations * cost / seconds
      used += operations * cost
      backlog -= operations * cost
      credit = min(max(0, allowed - operations * cost), cost)
    }

    func claim(lies: Bool) -> Claim {
      let isWaiting = backlog >= cost
      let demand =
        lies
        ? .infinity
        : Claim.demand(
          used: usedNow, granted: grant, isThrottled: isWaiting)
      return Claim(demand: demand, weight: weight)
    }
  }

  private func tenant(_ scenario: inout RandomScenario, weight: Double, want: Double) -> Tenant {
    let direction: IODirection = scenario.chance(0.5) ? .read : .write
    let pages = Double([1, 4, 16, 64, 256][scenario.count(0...4)])
    let one = Work(operations: 1, bytes: pages * 4096)
    let cost = Self.model.cost(of: one, direction, sequentialShare: scenario.chance(0.5) ? 1 : 0)
    return Tenant(weight: weight, cost: cost, want: want)
  }

  private func run(
    _ tenants: inout [Tenant], seconds: Double, budget: Double, liar: Int? = nil,
    isAsking: (_ tenant: Int, _ tick: Int) -> Bool = { _, _ in true }
  ) {
    var allocation = Allocation()
    var grants: [Double] = []
    for tick in 0..<Int((seconds / Self.tick).rounded()) {
      for index in tenants.indices { tenants[index].run(Self.tick, isAsking: isAsking(index, tick)) }
      let claims = tenants.indices.map { tenants[$0].claim(lies: $0 == liar) }
      _ = allocation.share(budget, among: claims, into: &grants)
      for index in tenants.indices { tenants[index].grant = grants[index] }
    }
  }

  @Test(arguments: [false, true])
  func deviceTimeIsSharedByWeightAmongAllSizesAndDirections(isWeighted: Bool) {
    var worst = 1.0
    for seed in seeds.prefix(300) {
      var scenario = RandomScenario(seed: seed)
      var tenants = (0..<scenario.count(2...16)).map { _ in
        tenant(&scenario, weight: isWeighted ? Double(scenario.count(50...800)) : 100, want: 1e9)
      }
      for index in tenants.indices { tenants[index].grant = 0 }
      run(&tenants, seconds: 10, budget: 0.98e9)
      let index = jain(tenants.map { $0.used / $0.weight })
      worst = min(worst, index)
      #expect(index >= 0.99, "seed \(seed)")
    }
    #expect(worst >= 0.999, "the least Jain index is \(worst)")
  }

  @Test func whoHoardsTimeThatItCannotUseGainsNothing() {
    for seed in seeds.prefix(200) {
      var scenario = RandomScenario(seed: seed)
      let start = (0..<scenario.count(2...8)).map { index in
        tenant(
          &scenario, weight: Double(scenario.count(50...800)), want: index == 0 ? scenario.number(1e7...5e8) : 1e9)
      }
      let period = scenario.count(10...100)
      let isAsking = { (tenant: Int, tick: Int) in tenant != 0 || tick % period < period / 2 }
      var (honest, lying) = (start, start)
      run(&honest, seconds: 20, budget: 0.98e9, isAsking: isAsking)
      run(&lying, seconds: 20, budget: 0.98e9, liar: 0, isAsking: isAsking)
      #expect(lying[0].used <= honest[0].used * 1.02 + 2 * start[0].cost, "seed \(seed)")
    }
  }

  @Test func idleSharesAreDonatedAndTakenBack() {
    for seed in seeds.prefix(200) {
      var scenario = RandomScenario(seed: seed)
      var tenants = (0..<scenario.count(2...8)).map { _ in tenant(&scenario, weight: 100, want: 1e9) }
      for index in tenants.indices { tenants[index].grant = 0 }
      // The first sleeps from the fourth second to the seventh.
      let asleep = 200..<350
      run(&tenants, seconds: 10, budget: 0.98e9) { tenant, tick in tenant != 0 || !asleep.contains(tick) }
      let used = tenants.reduce(0) { $0 + $1.used }
      // What is lost: the first tick, and whole operations in the last.
      #expect(used >= 0.98e9 * (10 - 0.1) - tenants.reduce(0) { $0 + $1.cost }, "seed \(seed)")
    }
  }
}
