import IOQoS
import Testing

/// How often the scheduler looks at somebody who does nothing, on a disk whose tick is 4 ms.
struct SleepingTenantTests {
  private static let tick: Int64 = 4_000_000

  private static func scheduler() throws -> IOScheduler {
    let prices = CostModel.Prices(randomBase: 500_000, sequentialBase: 500_000, perPage: 0)
    let points = [0.1, 0.5, 0.9].map {
      LatencyCurve.Point(utilisation: $0, mean: 1_000_000, p50: 1_000_000, p99: 4_000_000)
    }
    let model = DeviceModel(
      identity: DeviceIdentity(serial: "d1", model: "disk", size: 1 << 30), measured: 1,
      cost: CostModel(read: prices, write: prices), curve: try LatencyCurve(points), burst: 0)
    return IOScheduler(model: model)
  }

  /// How many of so many turns ask for the only tenant, while the device does so many operations in each.
  private static func looks(_ scheduler: inout IOScheduler, turns: Int, operations: UInt64, from: inout DeviceReading)
    -> Int
  {
    var writes: [IOScheduler.Write] = []
    var looks = 0
    for _ in 0..<turns {
      from.time += tick
      from.completed.read.operations += operations
      from.completed.read.bytes += operations * 4096
      for slot in scheduler.due(at: from.time) {
        looks += 1
        scheduler.note(slot, dispatched: PerDirection(read: .zero, write: .zero), at: from.time)
      }
      scheduler.decide(from, into: &writes)
    }
    return looks
  }

  @Test func `whoever sleeps is read every 20 ms, and each tick once somebody unknown has woken`() throws {
    var scheduler = try Self.scheduler()
    var reading = DeviceReading(
      time: 0, completed: PerDirection(read: .zero, write: .zero), latencySum: 0, inFlight: 0)
    #expect(scheduler.times.tick == Self.tick)
    _ = scheduler.begin(Promise(tenant: "sleeper"), written: .none)
    #expect((20...22).contains(Self.looks(&scheduler, turns: 100, operations: 0, from: &reading)))
    _ = Self.looks(&scheduler, turns: 10, operations: 8, from: &reading)
    #expect(Self.looks(&scheduler, turns: 50, operations: 8, from: &reading) == 50)
  }
}
