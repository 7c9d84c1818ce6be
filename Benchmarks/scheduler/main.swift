import IOQoS

/// Times a tick of a device's scheduler, its readings apart: who is due, what they did, the decision. Run in release:
/// `swift run --configuration release scheduler-bench [TENANTS [ACTIVE]]`.
struct Mixer: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state ^ (state >> 33)
  }
}

/// A volume of 20,000 operations a second, of which each active tenant uses what it is given.
struct Load {
  var scheduler: IOScheduler
  var slots: [IOScheduler.Slot] = []
  var counts: [PerDirection<IOCount>] = []
  var device = PerDirection(read: IOCount.zero, write: IOCount.zero)
  var writes: [IOScheduler.Write] = []
  let active: Int
  var time: Int64 = 0

  init(tenants: Int, active: Int) throws {
    self.active = active
    let prices = CostModel.Prices(randomBase: 50_000, sequentialBase: 50_000, perPage: 0)
    let curve = try LatencyCurve([
      .init(utilisation: 0.05, mean: 200_000, p50: 200_000, p99: 400_000),
      .init(utilisation: 0.98, mean: 300_000, p50: 300_000, p99: 900_000),
    ])
    let identity = DeviceIdentity(serial: "", model: "bench", size: 1 << 40)
    scheduler = IOScheduler(
      model: DeviceModel(
        identity: identity, measured: 0, cost: CostModel(read: prices, write: prices), curve: curve, burst: 0.1))
    for index in 0..<tenants {
      var promise = Promise(tenant: "tenant\(index)", weight: 100 + index % 9)
      if index % 10 == 0 { promise.targets = [LatencyTarget(.read, latency: 5_000_000)] }
      if index % 7 == 0 { promise.reservation = PromisedRates(read: PromisedRate(operations: 2)) }
      slots.append(scheduler.begin(promise, written: .none))
      counts.append(PerDirection(read: .zero, write: .zero))
    }
  }

  /// One tick's worth of work by the active ones, then the scheduler's part, which is timed.
  mutating func tick(_ clock: ContinuousClock, _ mixer: inout Mixer) -> Duration {
    time += scheduler.times.tick
    for index in 0..<active {
      let operations = 3 + mixer.next() % 2
      counts[index].read.operations += operations
      counts[index].read.bytes += operations * 4096
      device.read.operations += operations
      device.read.bytes += operations * 4096
    }
    let reading = DeviceReading(
      time: time, completed: device, latencySum: Int64(device.read.operations) * 300_000, inFlight: 6)
    let begin = clock.now
    for slot in scheduler.due(at: time) { scheduler.note(slot, dispatched: counts[slot], at: time) }
    scheduler.decide(reading, into: &writes)
    return clock.now - begin
  }
}

let numbers = CommandLine.arguments.dropFirst().map { Int($0) }
let tenants = numbers.first.flatMap { $0 } ?? 1000
let active = numbers.dropFirst().first.flatMap { $0 } ?? tenants / 10
guard (1...100_000).contains(tenants), (1...tenants).contains(active) else {
  fatalError("TENANTS must be 1 to 100000 and ACTIVE 1 to TENANTS")
}
var load = try Load(tenants: tenants, active: active)
var mixer = Mixer(state: 7)
let clock = ContinuousClock()
var times: [Duration] = []
var (read, written) = (0, 0)
for tick in 0..<3000 {
  let time = load.tick(clock, &mixer)
  guard tick >= 500 else { continue }
  times.append(time)
  written += load.writes.count
  read += load.scheduler.held.count
}
times.sort()
func microseconds(_ time: Duration) -> Double { Double(time.components.attoseconds / 100_000_000_000) / 10 }
let (median, tail) = (microseconds(times[times.count / 2]), microseconds(times[times.count * 99 / 100]))
print(
  "\(tenants) tenants, \(active) active, \(read / times.count) held back, \(written / times.count) lines a tick: "
    + "median \(median) us, p99 \(tail) us, \((median / Double(active) * 100).rounded() / 100) us for each active")
