import IOQoS
import Testing

/// Nothing that a counter, a clock, a promise or a calibration can say makes the scheduler trap or write a line that the
/// kernel refuses.
@Suite struct SchedulerFuzzTests {
  private static func model(_ random: inout RandomScenario) throws -> DeviceModel? {
    if random.chance(0.3) { return nil }
    func prices() -> CostModel.Prices {
      CostModel.Prices(
        randomBase: random.hostile(), sequentialBase: random.hostile(), perPage: random.hostile())
    }
    let (low, high) = (Int64(random.count(1...1_000_000_000)), Int64(random.count(1...1_000_000_000)))
    let curve = try LatencyCurve([
      .init(utilisation: 0, mean: low, p50: low, p99: low), .init(utilisation: 0.9, mean: high, p50: high, p99: high),
    ])
    return DeviceModel(
      identity: DeviceIdentity(serial: "", model: "fuzz", size: 1), measured: 0,
      cost: CostModel(read: prices(), write: prices()), curve: curve, costError: random.hostile(),
      latencyError: random.hostile(), burst: random.hostile())
  }

  private static func promise(_ random: inout RandomScenario) -> Promise {
    func rates() -> PromisedRates {
      func rate() -> PromisedRate {
        PromisedRate(
          operations: random.chance(0.5) ? nil : random.hostile(), bytes: random.chance(0.5) ? nil : random.hostile())
      }
      return PromisedRates(read: rate(), write: rate(), together: rate())
    }
    var promise = Promise(tenant: "fuzz", isHost: random.chance(0.1))
    if random.chance(0.3) { promise.reservation = rates() }
    if random.chance(0.3) { promise.limit = rates() }
    if random.chance(0.2) { promise.reservedShare = random.hostile() }
    promise.weight = random.chance(0.5) ? 100 : Int(truncatingIfNeeded: random.next())
    if random.chance(0.4) {
      promise.targets = [
        LatencyTarget(.read, percentile: random.hostile(), latency: Int64(bitPattern: random.next())),
        LatencyTarget(.syncWrite, latency: 5_000_000),
      ]
    }
    return promise
  }

  private static func wild(_ random: inout RandomScenario) -> UInt64 {
    switch random.count(0...4) {
    case 0: 0
    case 1: .max
    case 2: random.next()
    case 3: random.next() >> UInt64(random.count(0...63))
    default: 1 << 53
    }
  }

  private static func count(_ random: inout RandomScenario, _ count: inout PerDirection<IOCount>) {
    for direction in IODirection.allCases {
      if random.chance(0.04) {
        count[direction] = IOCount(operations: wild(&random), bytes: wild(&random))
      } else {
        count[direction].operations &+= UInt64(random.count(0...40))
        count[direction].bytes &+= UInt64(random.count(0...1_000_000))
      }
    }
  }

  private static func check(_ writes: [IOScheduler.Write], _ seed: UInt64) {
    for write in writes {
      for limit in [write.limits.limits.read, write.limits.limits.write] {
        #expect(limit.operations ?? 1 > 0 && limit.bytes ?? 1 > 0, "seed \(seed): io.max refuses 0")
      }
    }
  }

  @Test(arguments: 1...UInt64(30)) func `no reading, promise or calibration makes it trap`(seed: UInt64) throws {
    var random = RandomScenario(seed: seed)
    var scheduler = IOScheduler(
      model: try Self.model(&random), capacity: random.chance(0.5) ? nil : random.hostile())
    var slots: [IOScheduler.Slot] = []
    var counts: [PerDirection<IOCount>] = []
    var writes: [IOScheduler.Write] = []
    var reading = DeviceReading(
      time: 0, completed: PerDirection(read: .zero, write: .zero), latencySum: 0, inFlight: 0)
    for _ in 0..<400 {
      if random.chance(0.1) {
        let slot = scheduler.begin(
          Self.promise(&random),
          written: IOMaxLimits(PerDirection(read: .init(operations: Self.wild(&random)), write: .init())))
        if slots.contains(slot) { Issue.record("seed \(seed): a slot given twice") }
        slots.append(slot)
        while counts.count <= slot { counts.append(PerDirection(read: .zero, write: .zero)) }
      }
      if random.chance(0.05), let place = slots.indices.randomElement(using: &random) {
        scheduler.end(slots.remove(at: place))
      }
      switch random.count(0...9) {
      case 0: reading.time = Int64(bitPattern: Self.wild(&random))
      case 1: break
      case 2: reading.time &-= Int64(random.count(0...1_000_000_000))
      default: reading.time &+= Int64(random.count(0...60_000_000))
      }
      Self.count(&random, &reading.completed)
      reading.latencySum =
        random.chance(0.05) ? Int64(bitPattern: Self.wild(&random)) : reading.latencySum &+ 1_000_000
      reading.inFlight = random.chance(0.1) ? Int(truncatingIfNeeded: Self.wild(&random)) : random.count(0...1023)
      for slot in scheduler.due(at: reading.time) {
        #expect(slots.contains(slot), "seed \(seed): who has gone is due")
        if random.chance(0.9) { Self.count(&random, &counts[slot]) }
        scheduler.note(slot, dispatched: counts[slot], at: reading.time)
      }
      scheduler.note(random.count(-5...1000), dispatched: PerDirection(read: .zero, write: .zero), at: reading.time)
      scheduler.decide(reading, into: &writes)
      Self.check(writes, seed)
      if random.chance(0.05) { Self.check(scheduler.standingLimits(), seed) }
      for slot in slots { #expect(scheduler.state(of: slot) != nil, "seed \(seed)") }
      #expect(scheduler.unheld.isFinite && scheduler.unheld >= 0, "seed \(seed): unheld \(scheduler.unheld)")
      #expect((0.05...1).contains(scheduler.merging), "seed \(seed): merging \(scheduler.merging)")
      if let rate = scheduler.order.rate { #expect(rate.isFinite && rate > 0, "seed \(seed)") }
    }
  }

  @Test func `a scheduler without tenants writes nothing, and one that lost them neither`() {
    var scheduler = IOScheduler(model: nil)
    var writes: [IOScheduler.Write] = []
    let reading = DeviceReading(
      time: 20_000_000, completed: PerDirection(read: .zero, write: .zero), latencySum: 0, inFlight: 0)
    scheduler.decide(reading, into: &writes)
    #expect(writes.isEmpty && scheduler.standingLimits().isEmpty)
    let slot = scheduler.begin(Promise(tenant: "short"), written: .none)
    _ = scheduler.due(at: 40_000_000)
    scheduler.end(slot)
    scheduler.end(slot)
    var next = reading
    next.time = 40_000_000
    scheduler.decide(next, into: &writes)
    #expect(writes.isEmpty && scheduler.state(of: slot) == nil)
    #expect(scheduler.begin(Promise(tenant: "next"), written: .none) == slot)
  }
}
