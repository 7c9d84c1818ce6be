import IOQoS

/// Tenants of one's choosing on a random disk; the seed says everything.
struct Contest {
  private static let second = Scenario.second
  /// Longer than any contest.
  static let always = [0..<100 * second]

  let seed: UInt64
  var device: SimulatedDevice
  let calibration: SimulatedCalibration
  var workloads: [SimulatedWorkload] = []
  var random: SplitMix64

  /// `bytesEach`: how many bytes for each operation a second cap allows.
  init(seed: UInt64, isVolume: Bool, bytesEach: Double? = nil) {
    self.seed = seed
    random = SplitMix64(seed: seed)
    device = SimulatedDevice(random: &random, seed: seed, isVolume: isVolume)
    if let bytesEach, let rate = device.bucketRate { device.bucketBytes = rate * bytesEach }
    calibration = SimulatedCalibration(of: device, seed: seed)
  }

  /// Tenants on a disk of one's choosing.
  init(seed: UInt64, device: SimulatedDevice) {
    self.seed = seed
    random = SplitMix64(seed: seed)
    self.device = device
    calibration = SimulatedCalibration(of: device, seed: seed)
  }

  /// Adds a tenant and says its place.
  @discardableResult mutating func add(
    _ pace: SimulatedWorkload.Pace, _ promise: Promise = Promise(tenant: "neighbour"), sizes: [Int] = [4096],
    writeShare: Double = 0, active: [Range<Int64>] = always, on: Int64? = nil, period: Int64 = 0
  ) -> Int {
    workloads.append(
      SimulatedWorkload(
        pace: pace, sizes: sizes, writeShare: writeShare, promise: promise, active: active, on: on, period: period))
    return workloads.count - 1
  }

  /// Adds a tenant that asks for all it can get, of random sizes and directions.
  @discardableResult mutating func addGreedy(
    _ promise: Promise = Promise(tenant: "greedy"), active: [Range<Int64>] = always
  ) -> Int {
    let depth = [32, 64, 128, 512].randomElement(using: &random) ?? 64
    let sizes = [[4096], [65536], [4096, 65536], [4096, 16384, 262_144]].randomElement(using: &random) ?? [4096]
    let writes: Double = [0.0, 0.5, 1.0].randomElement(using: &random) ?? 0.0
    return add(.closed(depth: depth), promise, sizes: sizes, writeShare: writes, active: active)
  }

  /// Adds a tenant with a target, 50 reads a second.
  @discardableResult mutating func addVictim(active: [Range<Int64>] = always) -> Int {
    add(.paced(50), calibration.victim, active: active)
  }

  func simulation() throws -> Simulation {
    Simulation(device: device, model: try calibration.model(of: device), workloads: workloads, seed: seed)
  }
}
