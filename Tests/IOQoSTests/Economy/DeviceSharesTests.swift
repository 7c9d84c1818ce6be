import IOQoS
import Testing

@Suite struct DeviceSharesTests {
  /// 10,000 random reads of 4 KiB a second.
  private static let model = CostModel(
    read: .init(randomBase: 99_000, sequentialBase: 9_000, perPage: 1_000),
    write: .init(randomBase: 99_000, sequentialBase: 9_000, perPage: 1_000))

  private func tenant(_ promise: Promise, reads: Double, isWaiting: Bool = false) -> TenantUse {
    TenantUse(
      promise, work: PerDirection(read: Work(operations: reads, bytes: reads * 4096), write: .none),
      isWaiting: isWaiting)
  }

  private func divide(_ budget: Double?, _ tenants: [TenantUse]) -> [DeviceShares.Share] {
    var (device, shares) = (DeviceShares(), [DeviceShares.Share]())
    _ = device.divide(budget, among: tenants.map { $0.contender(by: Self.model) }, into: &shares)
    return shares
  }

  private let victim = Promise(tenant: "victim", targets: [LatencyTarget(.read, latency: 5_000_000)])

  @Test func aGreedyNeighbourIsHeldAtWhatTheVictimLeaves() {
    let shares = divide(
      0.98e9, [tenant(victim, reads: 50), tenant(Promise(tenant: "bulk"), reads: 9000, isWaiting: true)])
    // The victim's 50 reads.
    #expect(shares == [.standing(at: 0.49e9), .held(at: 0.98e9 - 50 * 100_000, because: .share)])
  }

  @Test func aTargetIsNoReasonToTakeMoreThanOnesShare() {
    let shares = divide(
      0.98e9, [tenant(victim, reads: 9000), tenant(Promise(tenant: "bulk"), reads: 500, isWaiting: true)])
    #expect(shares == [.held(at: 0.49e9, because: .share), .held(at: 0.49e9, because: .share)])
  }

  @Test func sleepersKeepAStandingCapAndThoseWithATargetAWideOne() {
    let bulk = Promise(tenant: "bulk", weight: 900)
    #expect(
      divide(0.8e9, [tenant(victim, reads: 0), tenant(bulk, reads: 0)])
        == [.standing(at: 0.2e9), .standing(at: 0.72e9)])
  }

  @Test func withoutABudgetEverybodyIsLetGo() {
    #expect(divide(nil, [tenant(victim, reads: 9000), tenant(victim, reads: 0)]) == [.released, .released])
  }

  @Test func onlyALimitForBothDirectionsTogetherNeedsHolding() {
    var limited = Promise(tenant: "limited")
    limited.limit = PromisedRates(read: PromisedRate(operations: 100))
    #expect(divide(0.8e9, [tenant(limited, reads: 100, isWaiting: true)]) == [.released])
    limited.limit = PromisedRates(together: PromisedRate(operations: 100))
    #expect(divide(0.8e9, [tenant(limited, reads: 100, isWaiting: true)]) == [.held(at: 0.01e9, because: .limit)])
  }

  @Test func heldTenantsNeverHaveMoreThanTheBudgetAndHostileUseTrapsNowhere() {
    var (device, shares) = (DeviceShares(), [DeviceShares.Share]())
    for seed in seeds {
      var scenario = RandomScenario(seed: seed)
      let tenants = (0..<scenario.count(0...12)).map { index in
        TenantUse(
          Promise(
            tenant: "t\(index)", reservation: PromisedRates(read: .init(operations: scenario.hostile())),
            reservedShare: scenario.hostile(), limit: PromisedRates(together: .init(bytes: scenario.hostile())),
            weight: scenario.count(-5...20_000)),
          work: PerDirection(
            read: Work(operations: scenario.hostile(), bytes: scenario.hostile()),
            write: Work(operations: scenario.magnitude(), bytes: scenario.magnitude())),
          growth: scenario.hostile(),
          isWaiting: scenario.chance(0.5))
      }
      let budget = scenario.chance(0.5) ? scenario.hostile() : 1e9
      _ = device.divide(budget, among: tenants.map { $0.contender(by: Self.model) }, into: &shares)
      #expect(shares.count == tenants.count, "seed \(seed)")
      var held = 0.0
      for case .held(let rate, _) in shares { held += rate }
      #expect(held <= (budget > 0 ? min(budget, 1e18) : 0), "seed \(seed)")
    }
  }
}
