import IOQoS
import Testing

/// Laws of the division, each on thousands of random sets of claims.
@Suite struct AllocationPropertyTests {
  @Test func nobodyGetsMoreThanLimitOrDemandAndAllTogetherNotMoreThanTheBudget() {
    for seed in seeds {
      var scenario = RandomScenario(seed: seed)
      let (claims, budget) = (scenario.claims(), scenario.magnitude())
      let (grants, outcome) = divide(budget, claims)
      #expect(grants.reduce(0, +) <= budget, "seed \(seed)")
      #expect(outcome.granted == grants.reduce(0, +), "seed \(seed)")
      for (claim, grant) in zip(claims, grants) where !(0...claim.most).contains(grant) {
        Issue.record("seed \(seed): \(grant) of at most \(claim.most)")
      }
    }
  }

  @Test func reservationsComeFirstAndAreScaledByOneFactorWhereTheyExceedTheBudget() {
    for seed in seeds {
      var scenario = RandomScenario(seed: seed)
      let (claims, budget) = (scenario.claims(), scenario.magnitude())
      let (grants, outcome) = divide(budget, claims)
      let isShort = claims.reduce(0) { $0 + $1.sure } > budget
      #expect((outcome.reservationFactor < 1) == isShort, "seed \(seed)")
      for (claim, grant) in zip(claims, grants) {
        let promised = min(claim.sure, claim.reservation * outcome.reservationFactor)
        if grant < promised * (1 - 1e-12) { Issue.record("seed \(seed): \(grant) of \(promised)") }
        if isShort, grant > promised * (1 + 1e-12) { Issue.record("seed \(seed): \(grant) over \(promised)") }
      }
    }
  }

  @Test func nothingIsLeftOverWhileSomebodyWantsMore() {
    for seed in seeds {
      var scenario = RandomScenario(seed: seed)
      let (claims, budget) = (scenario.claims(), scenario.magnitude())
      let (grants, outcome) = divide(budget, claims)
      let wanted = claims.reduce(0) { $0 + $1.most }
      let expected = min(budget, wanted)
      #expect(abs(grants.reduce(0, +) - expected) <= 1e-9 * expected, "seed \(seed)")
      #expect(abs(outcome.unclaimed - max(0, budget - wanted)) <= 1e-9 * budget, "seed \(seed)")
    }
  }

  @Test func spareTimeIsSharedByWeightAmongThoseWhoWantMore() {
    for seed in seeds {
      var scenario = RandomScenario(seed: seed)
      let (claims, budget) = (scenario.claims(), scenario.magnitude())
      let (grants, outcome) = divide(budget, claims)
      guard let level = outcome.level else { continue }
      for (claim, grant) in zip(claims, grants) {
        let expected = min(claim.most, claim.sure + claim.weight * level)
        if abs(grant - expected) > 1e-9 * budget { Issue.record("seed \(seed): \(grant), not \(expected)") }
      }
    }
  }

  @Test func theOrderOfTheClaimsDoesNotMatter() {
    for seed in seeds {
      var scenario = RandomScenario(seed: seed)
      let (claims, budget) = (scenario.claims(), scenario.magnitude())
      let order = claims.indices.shuffled(using: &scenario)
      let (grants, _) = divide(budget, claims)
      let (shuffled, _) = divide(budget, order.map { claims[$0] })
      for (place, index) in order.enumerated() where abs(grants[index] - shuffled[place]) > 1e-12 * budget {
        Issue.record("seed \(seed): \(grants[index]) became \(shuffled[place])")
      }
    }
  }

  @Test func grantsGrowWithTheScaleOfEverything() {
    for seed in seeds {
      var scenario = RandomScenario(seed: seed)
      let (claims, budget, scale) = (scenario.claims(), scenario.magnitude(), scenario.number(0.01...100))
      let (grants, _) = divide(budget, claims)
      let scaled = claims.map {
        Claim(
          reservation: $0.reservation * scale, limit: $0.limit * scale, demand: $0.demand * scale, weight: $0.weight)
      }
      let (others, _) = divide(budget * scale, scaled)
      for (grant, other) in zip(grants, others) where abs(grant * scale - other) > 1e-11 * budget * scale {
        Issue.record("seed \(seed): \(grant) × \(scale) became \(other)")
      }
    }
  }

  @Test func othersWhoAskForMoreNeverRaiseAGrantAndLargerBudgetsNeverLowerOne() {
    for seed in seeds {
      var scenario = RandomScenario(seed: seed)
      let (claims, budget) = (scenario.claims(2...24), scenario.magnitude())
      let (grants, _) = divide(budget, claims)
      let greedy = scenario.count(0...claims.count - 1)
      var changed = claims
      changed[greedy].demand *= scenario.chance(0.3) ? .infinity : scenario.number(1...100)
      if changed[greedy].demand.isNaN { changed[greedy].demand = .infinity }
      let (after, _) = divide(budget, changed)
      for index in claims.indices where index != greedy && after[index] > grants[index] + 1e-11 * budget {
        Issue.record("seed \(seed): \(grants[index]) grew to \(after[index])")
      }
      let more = budget * scenario.number(1...3)
      let (richer, _) = divide(more, claims)
      for index in claims.indices where richer[index] < grants[index] - 1e-11 * more {
        Issue.record("seed \(seed): \(grants[index]) fell to \(richer[index])")
      }
    }
  }

  @Test func moreWeightNeverLowersOnesOwnGrant() {
    for seed in seeds {
      var scenario = RandomScenario(seed: seed)
      let (claims, budget) = (scenario.claims(2...24), scenario.magnitude())
      var changed = claims
      changed[0].weight = scenario.number(claims[0].weight...10_000)
      let (before, after) = (divide(budget, claims).grants[0], divide(budget, changed).grants[0])
      #expect(after >= before - 1e-11 * budget, "seed \(seed)")
    }
  }

  @Test func whoClaimsMoreThanItCanUseHasNoMoreUseOfIt() {
    for seed in seeds {
      var scenario = RandomScenario(seed: seed)
      let (claims, budget) = (scenario.claims(2...24), scenario.magnitude())
      let usable = claims[0].most
      let honest = divide(budget, claims).grants[0]
      var lying = claims
      lying[0].demand = scenario.chance(0.5) ? .infinity : claims[0].demand * scenario.number(1...1000)
      let used = min(divide(budget, lying).grants[0], usable)
      #expect(used <= honest + 1e-11 * budget, "seed \(seed)")
    }
  }

  @Test func whatWentBeforeDoesNotMatter() {
    var kept = Allocation()
    var grants: [Double] = []
    for seed in seeds {
      var scenario = RandomScenario(seed: seed)
      let (claims, budget) = (scenario.claims(0...40), scenario.magnitude())
      let outcome = kept.share(budget, among: claims, into: &grants)
      let fresh = divide(budget, claims)
      #expect(grants == fresh.grants && outcome == fresh.outcome, "seed \(seed)")
    }
  }

  @Test func hostileNumbersGiveFiniteGrantsWithinTheBudget() {
    var kept = Allocation()
    var grants: [Double] = []
    for seed in seeds {
      var scenario = RandomScenario(seed: seed)
      let budget = scenario.hostile()
      let claims = (0..<scenario.count(0...12)).map { _ in
        Claim(
          reservation: scenario.hostile(), limit: scenario.hostile(), demand: scenario.hostile(),
          weight: scenario.hostile())
      }
      let outcome = kept.share(budget, among: claims, into: &grants)
      #expect(grants.allSatisfy { $0 >= 0 && $0 <= 1e18 }, "seed \(seed)")
      #expect(grants.reduce(0, +) <= (budget > 0 ? min(budget, 1e18) : 0), "seed \(seed)")
      #expect((0...1).contains(outcome.reservationFactor) && outcome.unclaimed >= 0, "seed \(seed)")
      #expect(outcome.level.map { $0 >= 0 && $0.isFinite } ?? true, "seed \(seed)")
    }
  }

  @Test func tenThousandTenantsOfExtremeWeightsShareToTheLastPart() {
    for seed in seeds.prefix(5) {
      var scenario = RandomScenario(seed: seed)
      let claims = (0..<10_000).map { index in
        Claim(
          reservation: index % 7 == 0 ? scenario.number(0...1e4) : 0,
          demand: scenario.chance(0.5) ? .infinity : scenario.magnitude(), weight: scenario.chance(0.5) ? 1 : 10_000)
      }
      let (grants, outcome) = divide(1e9, claims)
      #expect(grants.reduce(0, +) <= 1e9)
      #expect(abs(grants.reduce(0, +) - 1e9) <= 1, "seed \(seed)")
      guard let level = outcome.level else {
        Issue.record("seed \(seed): somebody wants without end")
        return
      }
      for (claim, grant) in zip(claims, grants) where claim.demand.isInfinite {
        let part = (grant - claim.reservation) / claim.weight
        if abs(part - level) > 1e-6 * level { Issue.record("seed \(seed): \(part), not \(level)") }
      }
    }
  }

  @Test func aClaimSaysWhyItGotNoMore() {
    let claims = [
      Claim(demand: 10), Claim(limit: 20), Claim(), Claim(reservation: 100, limit: 300, demand: 50),
    ]
    let (grants, outcome) = divide(200, claims)
    #expect(zip(claims, grants).map { $0.bound(at: $1, outcome) } == [.demand, .limit, .share, .demand])
    let short = divide(20, claims)
    #expect(claims[3].bound(at: short.grants[3], short.outcome) == .reservationsScaled)
    #expect(short.outcome.reservationFactor == 0.2)
  }
}
