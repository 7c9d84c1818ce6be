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
  private let calibration: SimulatedCalibration
  /// The victim's p99 with the disk to itself, in milliseconds.
  var solo: Double { calibration.solo }

  init(seed: UInt64, victimTimes: [Range<Int64>], end: Int64) {
    var random = SplitMix64(seed: seed)
    self.seed = seed
    self.end = end
    self.victimTimes = victimTimes
    device = SimulatedDevice(random: &random, seed: seed)
    neighbours = []
    for _ in 0..<Int(1 + random.next() % 3) {
      neighbours.append(Self.neighbour(&random, end))
    }
    calibration = SimulatedCalibration(of: device, seed: seed)
  }

  private static func neighbour(_ random: inout SplitMix64, _ end: Int64) -> SimulatedWorkload {
    let depth = [32, 64, 128, 512].randomElement(using: &random) ?? 64
    let sizes = [[4096], [65536], [4096, 65536], [4096, 16384, 262_144]].randomElement(using: &random) ?? [4096]
    let writes: Double = [0.0, 0.0, 0.5, 1.0].randomElement(using: &random) ?? 0.0
    return SimulatedWorkload(pace: .closed(depth: depth), sizes: sizes, writeShare: writes, active: [0..<end])
  }

  /// How much later than alone the victim's p99 may be, in milliseconds.
  var allowance: Double { calibration.allowance }

  /// The victim's target, in milliseconds.
  var target: Double { calibration.target }

  /// What the victim is promised.
  var victim: Promise { calibration.victim }

  func simulation() throws -> Simulation {
    var workloads = neighbours
    workloads.append(SimulatedWorkload(pace: .paced(50), promise: victim, active: victimTimes))
    return Simulation(device: device, model: try calibration.model(of: device), workloads: workloads, seed: seed)
  }
}
