import IOQoS

/// A random disk with hostile neighbours and one latency-sensitive victim; the seed says everything.
struct Scenario {
  static let second: Int64 = 1_000_000_000

  let seed: UInt64
  var device: SimulatedDevice
  var neighbours: [SimulatedWorkload]
  var end: Int64
  /// When the victim is there.
  var victimTimes: [Range<Int64>]
  /// What the victim sees with the disk to itself, in nanoseconds.
  private let alone: (mean: Int64, p50: Int64, p99: Int64)
  /// Its p99 then, in milliseconds.
  var solo: Double { Double(alone.p99) / 1e6 }

  init(seed: UInt64, victimTimes: [Range<Int64>], end: Int64, neighbour: SimulatedWorkload? = nil) {
    var random = SplitMix64(seed: seed)
    self.seed = seed
    self.end = end
    self.victimTimes = victimTimes
    device = SimulatedDevice(seed: seed)
    device.sigma = [0, 0.1, 0.3, 0.5].randomElement(using: &random) ?? 0
    let hasBucket = random.unit() < 0.5
    if hasBucket {
      device.channels = 64
      device.base = PerDirection(read: 100_000 + 300_000 * random.unit(), write: 100_000 + 300_000 * random.unit())
      device.bucketRate = 400 * (1 + 4 * random.unit())
    } else {
      // The faster the channels, the more of them fit below a few thousand operations per second.
      device.channels = [1, 2, 4, 8].randomElement(using: &random) ?? 1
      let pace = 500 * (1 + 3 * random.unit())
      let base = Double(device.channels) / pace * 1e9
      device.base = PerDirection(read: base, write: base * (0.7 + 0.8 * random.unit()))
      device.perByte = PerDirection(read: base / 1e6 * random.unit(), write: base / 1e6 * random.unit())
    }
    neighbours = []
    for _ in 0..<Int(1 + random.next() % 3) {
      neighbours.append(neighbour ?? Self.neighbour(&random, end))
    }
    alone = Self.measure(device, seed: seed)
  }

  private static func neighbour(_ random: inout SplitMix64, _ end: Int64) -> SimulatedWorkload {
    let depth = [32, 64, 128, 512].randomElement(using: &random) ?? 64
    let sizes = [[4096], [65536], [4096, 65536], [4096, 16384, 262_144]].randomElement(using: &random) ?? [4096]
    let writes: Double = [0.0, 0.0, 0.5, 1.0].randomElement(using: &random) ?? 0.0
    return SimulatedWorkload(pace: .closed(depth: depth), sizes: sizes, writeShare: writes, active: [0..<end])
  }

  /// How much later than alone the victim's p99 may be: a quarter of a tick's burst is in no one's power, in ms.
  var allowance: Double { device.bucketRate != nil ? 6 : 20 }

  /// The victim's target, in milliseconds.
  var target: Double { max(2 * solo, solo + allowance) }

  /// What the victim is promised.
  var victim: Promise {
    Promise(tenant: "victim", targets: [LatencyTarget(.read, latency: Int64(target * 1e6))])
  }

  /// What a calibration would say of the disk at its nominal speed: its target is kept up to 0.98 of it.
  func model() throws -> DeviceModel {
    func point(_ utilisation: Double) -> LatencyCurve.Point {
      LatencyCurve.Point(utilisation: utilisation, mean: alone.mean, p50: alone.p50, p99: alone.p99)
    }
    return DeviceModel(
      identity: DeviceIdentity(serial: "", model: "simulated", size: 1 << 40), measured: 0, cost: device.cost,
      curve: try LatencyCurve([point(0.05), point(0.98)]), burst: device.bucketRate == nil ? 0 : 0.1)
  }

  func simulation() throws -> Simulation {
    var workloads = neighbours
    workloads.append(SimulatedWorkload(pace: .paced(50), promise: victim, active: victimTimes))
    return Simulation(device: device, model: try model(), workloads: workloads, seed: seed)
  }

  private static func measure(_ device: SimulatedDevice, seed: UInt64) -> (mean: Int64, p50: Int64, p99: Int64) {
    let end = 10 * second
    let reader = Promise(tenant: "alone", targets: [LatencyTarget(.read, latency: second)])
    var alone = Simulation(
      device: device, model: nil,
      workloads: [SimulatedWorkload(pace: .paced(50), promise: reader, active: [0..<end])], seed: seed)
    alone.isGoverned = false
    alone.run(until: end)
    let values = alone.latencies.map(\.nanoseconds).sorted()
    guard !values.isEmpty else { return (1, 1, 1) }
    let mean = values.reduce(0, +) / Int64(values.count)
    func percentile(_ share: Double) -> Int64 { values[min(values.count - 1, Int(share * Double(values.count)))] }
    return (mean, percentile(0.5), percentile(0.99))
  }
}
