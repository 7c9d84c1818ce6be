import Faults
import IOQoS
import Testing

@Suite struct AdmissionTests {
  static let identity = DeviceIdentity(serial: "S1", model: "Disk", size: 1 << 40)
  static let now: Int64 = 1_800_000_000

  /// 10,000 random reads of 4 KiB a second; p99 1 ms to 0.5, 3 ms at 0.9, 9 ms at 0.98.
  static func model() throws -> DeviceModel {
    DeviceModel(
      identity: identity, measured: now - 86_400,
      cost: CostModel(
        read: .init(randomBase: 99_000, sequentialBase: 9_000, perPage: 1_000),
        write: .init(randomBase: 198_000, sequentialBase: 18_000, perPage: 2_000)),
      curve: try LatencyCurve(
        [(0.1, 1_000_000), (0.5, 1_000_000), (0.9, 3_000_000), (0.98, 9_000_000)].map {
          .init(utilisation: $0.0, mean: 400_000, p50: 400_000, p99: $0.1)
        }))
  }

  private func judge(_ set: [Promise], asking: Int? = nil) throws -> AdmissionVerdict {
    Admission().judge(set, on: try Self.model(), present: Self.identity, now: Self.now, asking: asking)
  }

  private func reads(_ tenant: String, _ operations: Double, p99: Int64? = nil) -> Promise {
    Promise(
      tenant: tenant, reservation: PromisedRates(read: PromisedRate(operations: operations)),
      targets: p99.map { [LatencyTarget(.read, latency: $0)] } ?? [])
  }

  @Test func theTightestTargetSetsTheCapacityAndTheHostHasItsShare() throws {
    let verdict = try judge([reads("a", 4000, p99: 3_000_000), reads("b", 4000)])
    #expect(verdict.isAdmitted && verdict.fault == nil)
    #expect(verdict.utilisation == 0.9 && verdict.capacity == 0.9e9)
    #expect(abs(verdict.reserved - 0.85e9) < 1)
    let offer = try #require(verdict.offers.last)
    #expect(offer.p99 == nil && abs(offer.operations - 500) < 0.01)
  }

  @Test func whatDoesNotFitIsRefusedWithWhatWould() throws {
    let verdict = try judge([reads("a", 4000, p99: 3_000_000), reads("b", 5000)], asking: 1)
    let fault = try #require(verdict.fault)
    #expect(fault.code == .ioReservationsExceedCapacity)
    #expect(
      fault.description
        == "the reservations need 950 ms of disk time a second, but the disk has 900 ms of disk time a second while it "
        + "keeps p99 of 3ms for reads of a; b could have 4500 read iops, or all fit with 6.76ms in place of 3ms")
    #expect(try judge([reads("a", 4000, p99: 3_000_000), reads("b", 4499)]).isAdmitted)
    #expect(try judge([reads("a", 4000, p99: 6_760_000), reads("b", 5000)]).isAdmitted)
  }

  @Test func aTargetBelowWhatTheDiskDoesIsRefusedWithTheLeast() throws {
    let fault = try #require(try judge([reads("a", 1, p99: 1_050_000)]).fault)
    #expect(fault.code == .ioTargetUnreachable)
    #expect(fault.mend == "raise the target to 1.1ms or more")
    #expect(try judge([reads("a", 1, p99: 1_100_000)]).isAdmitted)
  }

  @Test(arguments: [
    (50_500_000, "50.5ms"), (50_510_000, "50.6ms"), (999_999, "1ms"), (1_001, "1.01us"), (1_234_567_890, "1.24s"),
    (123_000_001, "124ms"),
  ])
  func aTimeThatAPolicyIsToAskForIsRoundedUp(_ time: Int64, _ words: String) {
    #expect(Wording.timeOrMore(time) == words)
  }

  @Test func aLimitBelowTheReservationIsRefused() throws {
    var promise = reads("a", 300)
    for limit in [
      PromisedRates(read: PromisedRate(operations: 299)), PromisedRates(together: PromisedRate(operations: 10)),
    ] {
      promise.limit = limit
      #expect(try judge([promise]).fault?.code == .ioLimitBelowReservation)
    }
    promise.limit = PromisedRates(read: PromisedRate(operations: 300, bytes: 1), write: PromisedRate(operations: 1))
    #expect(try judge([promise]).isAdmitted)
  }

  @Test func missingAndStaleCalibrationsAreRefusedToThoseWhoNeedOne() throws {
    let needing = [reads("a", 300)]
    let plain = [Promise(tenant: "a", limit: PromisedRates(read: PromisedRate(operations: 5)))]
    var swapped = try Self.model()
    swapped.identity.serial = "S2"
    var versioned = try Self.model()
    versioned.version = 7
    var ancient = try Self.model()
    ancient.measured = .min
    var future = try Self.model()
    future.measured = .max
    let cases: [(DeviceModel?, Fault.Code)] = [
      (nil, .ioUncalibrated), (swapped, .ioCalibrationStale), (versioned, .ioCalibrationStale),
      (ancient, .ioCalibrationStale), (future, .ioCalibrationStale),
    ]
    for (model, code) in cases {
      func judge(_ set: [Promise]) -> AdmissionVerdict {
        Admission().judge(set, on: model, present: Self.identity, now: Self.now)
      }
      #expect(judge(needing).fault?.code == code)
      #expect(judge(needing).fault?.mend != nil)
      #expect(judge(plain).isAdmitted)
    }
  }

  @Test func everythingThatIsWrongIsSaidAtOnce() throws {
    let wrong = [
      Promise(tenant: "a", weight: 0), Promise(tenant: "b", reservation: .init(read: .init(operations: .nan))),
      Promise(tenant: "c", targets: [LatencyTarget(.write, percentile: 2, latency: 1 << 40)]),
      Promise(tenant: "d", reservedShare: 1.5), reads("e", 1, p99: 5),
    ]
    let fault = try #require(try judge(wrong).fault)
    #expect(fault.code == .ioPromiseInvalid)
    #expect(fault.others.map(\.code).contains(.ioTargetUnreachable))
    #expect(fault.others.count == 5)
  }

  private func device(_ scenario: inout RandomScenario) throws -> DeviceModel {
    func prices(_ scenario: inout RandomScenario) -> CostModel.Prices {
      let base = scenario.number(1_000...300_000)
      return .init(
        randomBase: base, sequentialBase: base * scenario.number(0...1), perPage: scenario.number(100...5_000))
    }
    var latency = Int64(scenario.count(50_000...10_000_000))
    let points = (1...scenario.count(3...12)).map { step in
      latency += Int64(scenario.count(0...5_000_000))
      return LatencyCurve.Point(
        utilisation: Double(step) / 12, mean: latency / 4, p50: latency / 5 + 1, p99: latency)
    }
    return DeviceModel(
      identity: Self.identity, measured: Self.now, cost: CostModel(read: prices(&scenario), write: prices(&scenario)),
      curve: try LatencyCurve(points), costError: scenario.number(0...0.2),
      latencyError: scenario.number(0...0.5))
  }

  private func promise(_ scenario: inout RandomScenario, _ index: Int) -> Promise {
    func rate(_ scenario: inout RandomScenario) -> PromisedRate {
      PromisedRate(
        operations: scenario.chance(0.3) ? scenario.number(1...2000) : nil,
        bytes: scenario.chance(0.2) ? scenario.number(4096...20e6) : nil)
    }
    return Promise(
      tenant: "t\(index)",
      reservation: PromisedRates(read: rate(&scenario), write: rate(&scenario), together: rate(&scenario)),
      weight: scenario.count(1...10_000),
      targets: scenario.chance(0.3)
        ? [
          LatencyTarget(
            scenario.chance(0.5) ? .read : .syncWrite, latency: Int64(scenario.count(1_000_000...200_000_000)))
        ]
        : [])
  }

  @Test func everyAdmittedSetHasItsReservationsWhenAllAskAtOnce() throws {
    var admitted = 0
    for seed in seeds {
      var scenario = RandomScenario(seed: seed)
      let model = try device(&scenario)
      let set = (0..<scenario.count(1...6)).map { promise(&scenario, $0) } + [.host()]
      let verdict = Admission().judge(set, on: model, present: Self.identity, now: Self.now)
      guard verdict.isAdmitted else { continue }
      admitted += 1
      let claims = set.map { Claim(reservation: $0.reservedTime(by: model.cost), weight: Double($0.weight)) }
      let (grants, outcome) = divide(verdict.capacity, claims)
      #expect(outcome.reservationFactor == 1, "seed \(seed)")
      for (claim, grant) in zip(claims, grants) { #expect(grant >= claim.reservation, "seed \(seed)") }
      for target in set.flatMap(\.targets) {
        let latency = model.latency(target.operation, percentile: 0.99, at: verdict.utilisation)
        #expect(latency <= target.latency + 2, "seed \(seed)")
      }
    }
    #expect(admitted > 400, "only \(admitted) sets were admitted")
  }

  @Test func whatARefusalOffersIsAdmitted() throws {
    var (offered, loosened) = (0, 0)
    for seed in UInt64(0)..<6000 {
      var scenario = RandomScenario(seed: seed)
      let model = try device(&scenario)
      var set = (0..<scenario.count(1...6)).map { promise(&scenario, $0) }
      let asking = scenario.count(0...set.count - 1)
      func judge(_ set: [Promise]) -> AdmissionVerdict {
        Admission().judge(set, on: model, present: Self.identity, now: Self.now, asking: asking)
      }
      let verdict = judge(set)
      guard verdict.refusals.count == 1, case .reservations(let shortage) = verdict.refusals[0] else { continue }
      if let latency = shortage.fittingLatency, let tightest = shortage.tightest {
        var looser = set
        for index in looser.indices where looser[index].tenant == tightest.tenant {
          looser[index].targets = [LatencyTarget(tightest.target.operation, latency: latency)]
        }
        #expect(judge(looser).isAdmitted, "seed \(seed)")
        loosened += 1
      }
      guard let fits = shortage.asking, fits.part > 0 else { continue }
      set[asking].reservation = fits.fitting.scaled(0.999_999)
      #expect(judge(set).isAdmitted, "seed \(seed)")
      offered += 1
    }
    #expect(offered > 200, "only \(offered) refusals offered a part")
    #expect(loosened > 20, "only \(loosened) refusals offered a latency")
  }

  @Test func whatIsLeftToSellCanBeSold() throws {
    for seed in seeds {
      var scenario = RandomScenario(seed: seed)
      let model = try device(&scenario)
      let set = (0..<scenario.count(0...4)).map { promise(&scenario, $0) }
      let verdict = Admission().judge(set, on: model, present: Self.identity, now: Self.now)
      guard verdict.isAdmitted else { continue }
      for offer in verdict.offers where offer.operations > 1 {
        let buyer = reads("buyer", offer.operations * 0.999_999, p99: offer.p99)
        let after = Admission().judge(set + [buyer], on: model, present: Self.identity, now: Self.now)
        #expect(after.isAdmitted, "seed \(seed): \(after.fault?.description ?? "")")
      }
    }
  }

  @Test func hostilePromisesAndModelsTrapNowhere() throws {
    for seed in seeds {
      var scenario = RandomScenario(seed: seed)
      var model = try device(&scenario)
      model.costError = scenario.hostile()
      model.measured = scenario.chance(0.1) ? .min : Self.now
      model.cost = CostModel(
        read: .init(randomBase: scenario.hostile(), sequentialBase: 0, perPage: scenario.hostile()),
        write: .init(randomBase: 0, sequentialBase: scenario.hostile(), perPage: scenario.hostile()))
      let set = (0..<scenario.count(0...5)).map { index in
        func rates() -> PromisedRates {
          PromisedRates(
            read: .init(operations: scenario.hostile(), bytes: scenario.chance(0.5) ? nil : scenario.hostile()),
            together: .init(operations: scenario.chance(0.5) ? nil : scenario.hostile()))
        }
        return Promise(
          tenant: "t\(index)", reservation: rates(), reservedShare: scenario.hostile(), limit: rates(),
          weight: scenario.chance(0.2) ? .min : .max,
          targets: [
            LatencyTarget(
              .read, percentile: scenario.hostile(),
              latency: scenario.chance(0.5) ? .max : Int64(scenario.count(-5...5)))
          ])
      }
      let rules = Admission(
        highestUtilisation: scenario.hostile(), lowestUtilisation: scenario.hostile(),
        targetMargin: scenario.hostile(), mostAge: scenario.chance(0.5) ? .max : -1)
      let verdict = rules.judge(set, on: model, present: Self.identity, now: Self.now, asking: scenario.count(-1...9))
      #expect(verdict.capacity >= 0 && verdict.capacity <= 1e9, "seed \(seed)")
      #expect(verdict.reserved.isFinite && verdict.offers.allSatisfy { $0.deviceTime >= 0 }, "seed \(seed)")
      #expect(verdict.isAdmitted || verdict.fault?.description.isEmpty == false, "seed \(seed)")
    }
  }

  @Test func tenThousandPromisesAreJudged() throws {
    let set = (0..<10_000).map { reads("t\($0)", 1, p99: 5_000_000) }
    let verdict = try judge(set, asking: 9_999)
    #expect(verdict.fault?.code == .ioReservationsExceedCapacity)
    #expect(verdict.refusals.count == 1)
  }
}

extension PromisedRates {
  fileprivate func scaled(_ factor: Double) -> PromisedRates {
    func scaled(_ rate: PromisedRate) -> PromisedRate {
      PromisedRate(operations: rate.operations.map { $0 * factor }, bytes: rate.bytes.map { $0 * factor })
    }
    return PromisedRates(read: scaled(read), write: scaled(write), together: scaled(together))
  }
}
