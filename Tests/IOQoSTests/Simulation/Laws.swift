import IOQoS

/// What the whole scheduler is held to, as figures of one seed each.
enum Laws {
  private static let second = Scenario.second

  /// Weights of 1 : 2 : 5, any sizes and directions: Jain's index of what each got for its weight over 5 s.
  static func fairness(seed: UInt64, isVolume: Bool, hasVictim: Bool) throws -> Double {
    var contest = Contest(seed: seed, isVolume: isVolume)
    let weights = [100, 200, 500]
    for weight in weights { contest.addGreedy(Promise(tenant: "w\(weight)", weight: weight)) }
    if hasVictim { contest.addVictim() }
    var simulation = try contest.simulation()
    simulation.run(until: 8 * second)
    let window = 3 * second..<8 * second
    return jain(weights.indices.map { simulation.rate($0, in: window) / Double(weights[$0]) })
  }

  /// One asks for all, the others for next to nothing or for nothing: the part of the disk that is used.
  static func conservation(seed: UInt64, isVolume: Bool, hasVictim: Bool) throws -> Double {
    var contest = Contest(seed: seed, isVolume: isVolume)
    contest.addGreedy()
    for index in 0..<12 {
      let active = [index % 3 == 0 ? 0..<(second / 2) : 0..<(20 * second)]
      contest.add(.paced(2), Promise(tenant: "t\(index)", weight: 500), active: active)
    }
    for _ in 0..<3 { contest.addVictim(active: hasVictim ? [0..<20 * second] : [0..<second]) }
    var simulation = try contest.simulation()
    simulation.run(until: 12 * second)
    return simulation.use(in: 4 * second..<12 * second)
  }

  /// Sixteen floods of which each may have a few large operations a second, on a volume of 800 operations and 40 MiB: the
  /// victim's p99 against its target, and the part of the volume that is used.
  static func largeOperations(seed: UInt64, size: Int) throws -> (late: Double, use: Double) {
    var device = SimulatedDevice(seed: seed)
    device.channels = 64
    device.bucketRate = 800
    device.bucketBytes = 40 * 1_048_576
    var contest = Contest(seed: seed, device: device)
    for index in 0..<16 { contest.add(.closed(depth: 4), Promise(tenant: "large-\(index)"), sizes: [size]) }
    let victim = contest.addVictim()
    var simulation = try contest.simulation()
    simulation.run(until: 22 * second)
    let window = 4 * second..<22 * second
    let target = Double(contest.workloads[victim].promise.targets[0].latency) / 1e6
    return ((simulation.percentile(0.99, in: window) ?? .infinity) / target, simulation.use(in: window))
  }

  /// A sleeper wakes and asks for all: its part against a fair one from half a second on, and the victim's p99 against
  /// its target from the moment on.
  static func waking(seed: UInt64, isVolume: Bool) throws -> (share: Double, late: Double) {
    var contest = Contest(seed: seed, isVolume: isVolume)
    for _ in 0..<3 { contest.addGreedy() }
    let sleeper = contest.addGreedy(
      Promise(tenant: "sleeper"), active: (0..<10).map { (5 + 2 * $0) * second..<(6 + 2 * $0) * second })
    let victim = contest.addVictim()
    var simulation = try contest.simulation()
    simulation.run(until: 24 * second)
    var share = 0.0
    for wake in 0..<9 {
      let start = (5 + 2 * Int64(wake)) * second
      let window = start + second / 2..<start + second
      let all = (0..<4).reduce(0) { $0 + simulation.rate($1, in: window) }
      share += simulation.rate(sleeper, in: window) / (all / 4) / 9
    }
    let target = Double(contest.workloads[victim].promise.targets[0].latency) / 1e6
    return (share, (simulation.percentile(0.99, in: 5 * second..<24 * second) ?? .infinity) / target)
  }

  /// 200 tenants, of whom one in ten is awake at a time: the victims' p99 against their target, and the part of the disk
  /// that is used.
  static func crowd(seed: UInt64, isVolume: Bool) throws -> (late: Double, use: Double) {
    var contest = Contest(seed: seed, isVolume: isVolume)
    for index in 0..<200 {
      let begin = Int64(contest.random.unit() * 20e9)
      let isAwake = index % 20 == 0
      let active = isAwake ? [0..<(30 * second)] : [begin..<(begin + second)]
      switch index % 5 {
      case 0, 1: contest.addGreedy(Promise(tenant: "t\(index)", weight: 100 * (1 + index % 7)), active: active)
      case 2: contest.add(.paced(20), Promise(tenant: "t\(index)"), active: active)
      case 3: contest.add(.open(10), Promise(tenant: "t\(index)"), sizes: [65536], writeShare: 1, active: active)
      default: contest.add(.paced(5), Promise(tenant: "t\(index)"), active: active)
      }
    }
    for _ in 0..<2 { contest.addVictim() }
    var simulation = try contest.simulation()
    // All begin at once, before anybody was held back: thousands of operations, which take their time.
    simulation.run(until: 20 * second)
    let window = 8 * second..<20 * second
    let late = (simulation.percentile(0.99, in: window) ?? .infinity) / contest.calibration.target
    return (late, simulation.use(in: window))
  }

  /// An admitted set of random promises, each asking for more than it was promised: the part of all tenants' seconds
  /// in which 90 % of the reservation was there, and how many seconds there were.
  static func reservations(seed: UInt64, isVolume: Bool) throws -> (kept: Int, all: Int, worst: Double) {
    var contest = Contest(seed: seed, isVolume: isVolume)
    let model = try contest.calibration.model(of: contest.device)
    let promises = admitted(&contest, model)
    var reserved: [(index: Int, cost: Double)] = []
    for promise in promises where promise.tenant != "victim" {
      let index = contest.addGreedy(promise)
      if promise.reservedTime(by: model.cost) > 0 { reserved.append((index, promise.reservedTime(by: model.cost))) }
    }
    for _ in 0..<2 { contest.addGreedy(Promise(tenant: "bulk", weight: 1000)) }
    if promises.contains(where: { $0.tenant == "victim" }) { contest.addVictim() }
    var simulation = try contest.simulation()
    simulation.run(until: 14 * second)
    var (kept, all, worst) = (0, 0, Double.infinity)
    for tenant in reserved {
      for start in 3..<Int64(13) {
        let got = simulation.rate(tenant.index, in: start * second..<(start + 1) * second) / tenant.cost
        worst = min(worst, got)
        if got >= 0.9 { kept += 1 }
        all += 1
      }
    }
    return (kept, all, worst)
  }

  private static func admitted(_ contest: inout Contest, _ model: DeviceModel) -> [Promise] {
    while true {
      var promises: [Promise] = []
      for index in 0..<Int(2 + contest.random.next() % 5) {
        var promise = Promise(tenant: "t\(index)", weight: Int(1 + contest.random.next() % 1000))
        let rate = PromisedRate(operations: 20 + 400 * contest.random.unit())
        let stream = PromisedRate(bytes: 1e6 + 2e7 * contest.random.unit())
        switch contest.random.next() % 5 {
        case 0: promise.reservation = PromisedRates(read: rate)
        case 1: promise.reservation = PromisedRates(write: stream)
        case 2: promise.reservation = PromisedRates(together: rate)
        case 3: promise.reservedShare = 0.5 * contest.random.unit()
        default: promise.targets = [LatencyTarget(.read, latency: Int64(contest.calibration.target * 1e6))]
        }
        promises.append(promise)
      }
      if contest.random.unit() < 0.5 { promises.append(contest.calibration.victim) }
      let verdict = Admission().judge(promises, on: model, present: model.identity, now: 0)
      if verdict.isAdmitted { return promises }
    }
  }

  /// Limits of each kind, all asking for more: the most that any had in a second against its limit, beyond the slice of
  /// a tenth of a second that blk-throttle lets through at once and one operation.
  static func limits(seed: UInt64, isVolume: Bool) throws -> Double {
    var contest = Contest(seed: seed, isVolume: isVolume)
    let rate = 30 + 100 * contest.random.unit()
    let limits = [
      PromisedRates(read: PromisedRate(operations: rate), write: PromisedRate(operations: rate)),
      PromisedRates(together: PromisedRate(operations: rate)),
      PromisedRates(together: PromisedRate(bytes: rate * 16384)),
    ]
    for limit in limits {
      contest.add(
        .closed(depth: 64), Promise(tenant: "limited", limit: limit), sizes: [16384],
        writeShare: limit.together.isEmpty ? 0 : 0.5)
    }
    contest.addGreedy()
    contest.addVictim(active: [6 * second..<30 * second])
    var simulation = try contest.simulation()
    simulation.run(until: 16 * second)
    var worst = 0.0
    for index in limits.indices {
      let one =
        simulation.cost(of: 16384, isWrite: false) / 2 + simulation.cost(of: 16384, isWrite: true) / 2
      for start in 3..<Int64(15) {
        let operations =
          simulation.rate(index, in: start * second..<(start + 1) * second)
          / (limits[index].together.isEmpty ? simulation.cost(of: 16384, isWrite: false) : one)
        worst = max(worst, (operations - 2) / (1.1 * rate))
      }
    }
    return worst
  }

  /// One uses most of its part to appear hungry, one comes in short bursts, beside one that is always there: what they
  /// had against a fair part, and the part of the disk that is used.
  static func lying(seed: UInt64, isVolume: Bool) throws -> (gain: Double, use: Double) {
    var contest = Contest(seed: seed, isVolume: isVolume)
    let one = contest.device.price.cost(operations: 1, bytes: 4096, .read)
    let honest = contest.add(.closed(depth: 64))
    let nearly = contest.add(.open(0.85 * CostModel.wholeDevice / one / 3))
    let bursts = contest.add(.closed(depth: 256), on: second / 20, period: second / 5)
    contest.addVictim()
    var simulation = try contest.simulation()
    simulation.run(until: 13 * second)
    let window = 3 * second..<13 * second
    let fair = simulation.rate(honest, in: window)
    let gain = max(simulation.rate(nearly, in: window), simulation.rate(bursts, in: window)) / fair
    return (gain, simulation.use(in: window))
  }

  /// The scheduler stops in the middle of it all: the victim's p99 against its target for ten seconds after.
  static func stopping(seed: UInt64, isVolume: Bool) throws -> (late: Double, use: Double) {
    var contest = Contest(seed: seed, isVolume: isVolume)
    for _ in 0..<3 { contest.addGreedy() }
    contest.addGreedy(active: [9 * second..<20 * second])
    contest.addVictim()
    var simulation = try contest.simulation()
    simulation.run(until: 6 * second)
    simulation.stop(at: 6 * second)
    let before = (0..<4).reduce(0) { $0 + (simulation.done[$1].reduce(0, +)) }
    simulation.proceed(until: 16 * second)
    let after = (0..<4).reduce(0) { $0 + (simulation.done[$1].reduce(0, +)) }
    let late = (simulation.percentile(0.99, in: 7 * second..<16 * second) ?? .infinity) / contest.calibration.target
    return (late, (after - before) / 10 / CostModel.wholeDevice)
  }

  /// A victim on a volume with a cap on operations and one on bytes, beside neighbours of which all, none or some come up
  /// against the second: its p99 against its target, and the part of what the caps allow that is used.
  static func twoCaps(seed: UInt64, sizes: [Int], writeShare: Double) throws -> (late: Double, use: Double) {
    var contest = Contest(seed: seed, isVolume: true, bytesEach: 52_428)
    for size in sizes { contest.add(.closed(depth: 32), sizes: [size], writeShare: writeShare) }
    contest.addVictim()
    var simulation = try contest.simulation()
    simulation.run(until: 16 * second)
    let window = 4 * second..<16 * second
    let late = (simulation.percentile(0.99, in: window) ?? .infinity) / contest.calibration.target
    return (late, simulation.use(in: window))
  }

  /// A victim beside six neighbours, each of sizes and directions of its own, of whom two come and go: its p99 against its
  /// target, and the part of the disk that is used.
  static func mixture(seed: UInt64, isVolume: Bool) throws -> (late: Double, use: Double) {
    var contest = Contest(seed: seed, isVolume: isVolume)
    for size in [4096, 16384, 65536, 262_144] {
      contest.add(.closed(depth: 64), sizes: [size], writeShare: contest.random.unit())
    }
    for period in [1, 3] {
      contest.add(
        .closed(depth: 32), sizes: [4096, 65536], writeShare: 1, on: Int64(period) * second, period: 4 * second)
    }
    contest.addVictim()
    var simulation = try contest.simulation()
    simulation.run(until: 20 * second)
    let window = 4 * second..<20 * second
    let late = (simulation.percentile(0.99, in: window) ?? .infinity) / contest.calibration.target
    return (late, simulation.use(in: window))
  }

  /// The root group does a fifth of the disk's work beside two greedy tenants: the victim's p99 against its target, and
  /// the part of the disk that is used.
  static func rootWork(seed: UInt64, isVolume: Bool) throws -> (late: Double, use: Double) {
    var contest = Contest(seed: seed, isVolume: isVolume)
    for _ in 0..<2 { contest.addGreedy() }
    contest.addVictim()
    let one = contest.device.price.cost(operations: 1, bytes: 4096, .write)
    contest.add(.open(0.2 * CostModel.wholeDevice / one), writeShare: 1, active: [6 * second..<100 * second])
    contest.workloads[contest.workloads.count - 1].isUnheld = true
    var simulation = try contest.simulation()
    simulation.run(until: 20 * second)
    let window = 8 * second..<20 * second
    let late = (simulation.percentile(0.99, in: window) ?? .infinity) / contest.calibration.target
    return (late, simulation.use(in: window))
  }

  /// A bare disk of eight channels with a request for each, beside two greedy tenants: the victim's p99 against its
  /// target, and the part of the disk that is used. `isTold`: whether the scheduler knows how many requests there are.
  static func fewRequests(seed: UInt64, isTold: Bool) throws -> (late: Double, use: Double) {
    var device = SimulatedDevice(seed: seed)
    (device.channels, device.tags) = (8, 8)
    (device.base, device.sigma) = (PerDirection(read: 8_000_000, write: 8_000_000), 0.1)
    var contest = Contest(seed: seed, device: device)
    for _ in 0..<2 { contest.add(.closed(depth: 128)) }
    contest.addVictim()
    var simulation = try contest.simulation()
    simulation.scheduler.requests = isTold ? device.tags : nil
    simulation.run(until: 16 * second)
    let window = 4 * second..<16 * second
    let late = (simulation.percentile(0.99, in: window) ?? .infinity) / contest.calibration.target
    return (late, simulation.use(in: window))
  }
}
