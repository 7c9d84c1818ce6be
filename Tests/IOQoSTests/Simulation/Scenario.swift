import IOQoS

/// A random disk with hostile neighbours and one latency-sensitive victim; the seed says everything.
struct Scenario {
  static let second: Int64 = 1_000_000_000

  let seed: UInt64
  var device: SimulatedDevice
  var neighbours: [SimulatedWorkload]
  /// A volume behind a token bucket absorbs a tick's burst; a bare disk needs shorter ticks.
  var tick: Int64
  var end: Int64
  /// When the victim is there.
  var victimTimes: [Range<Int64>]
  /// The victim's p99 with the disk to itself, in milliseconds.
  private(set) var solo = 0.0

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
      tick = 20_000_000
    } else {
      // The faster the channels, the more of them fit below a few thousand operations per second.
      device.channels = [1, 2, 4, 8].randomElement(using: &random) ?? 1
      let pace = 500 * (1 + 3 * random.unit())
      let base = Double(device.channels) / pace * 1e9
      device.base = PerDirection(read: base, write: base * (0.7 + 0.8 * random.unit()))
      device.perByte = PerDirection(read: base / 1e6 * random.unit(), write: base / 1e6 * random.unit())
      tick = 8_000_000
    }
    neighbours = []
    for _ in 0..<Int(1 + random.next() % 3) {
      neighbours.append(neighbour ?? Self.neighbour(&random, end))
    }
    solo = measureSolo()
  }

  private static func neighbour(_ random: inout SplitMix64, _ end: Int64) -> SimulatedWorkload {
    let depth = [32, 64, 128, 512].randomElement(using: &random) ?? 64
    let sizes = [[4096], [65536], [4096, 65536], [4096, 16384, 262_144]].randomElement(using: &random) ?? [4096]
    let writes: Double = [0.0, 0.0, 0.5, 1.0].randomElement(using: &random) ?? 0.0
    return SimulatedWorkload(pace: .closed(depth: depth), sizes: sizes, writeShare: writes, active: [0..<end])
  }

  /// How much later than alone the victim's p99 may be: a quarter of a tick's burst is in no one's power, in ms.
  var allowance: Double { device.bucketRate != nil ? 6 : 2.5 * Double(tick) / 1e6 }

  /// The victim's target, in milliseconds.
  var target: Double { max(2 * solo, solo + allowance) }

  var point: OperatingPoint {
    var latency = 0.0
    for work in neighbours {
      let size = Double(work.sizes.reduce(0, +)) / Double(work.sizes.count)
      latency += (device.base.read + size * device.perByte.read) * (1 - work.writeShare) / Double(neighbours.count)
      latency += (device.base.write + size * device.perByte.write) * work.writeShare / Double(neighbours.count)
    }
    return OperatingPoint(
      utilisation: 0.98, delayAllowance: Int64((target - solo) / 4 * 1e6), unloadedLatency: Int64(latency))
  }

  func simulation(capacity: Double? = nil) -> Simulation {
    var parameters = GovernorParameters()
    if device.bucketRate == nil { parameters.freeBurst = 0 }
    var workloads = neighbours
    workloads.append(SimulatedWorkload(pace: .paced(50), isVictim: true, active: victimTimes))
    return Simulation(
      device: device, workloads: workloads, governor: Governor(capacity: capacity, parameters: parameters),
      point: point, seed: seed, tick: tick)
  }

  private func measureSolo() -> Double {
    let end = 10 * Self.second
    var alone = Simulation(
      device: device, workloads: [SimulatedWorkload(pace: .paced(50), isVictim: true, active: [0..<end])],
      governor: Governor(), point: OperatingPoint(utilisation: 0.98, delayAllowance: 1_000_000), seed: seed)
    alone.isGoverned = false
    alone.run(until: end)
    return alone.percentile(0.99, in: 0..<end) ?? 0
  }
}
