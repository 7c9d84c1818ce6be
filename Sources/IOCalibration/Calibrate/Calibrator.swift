import Faults

/// Measures a disk: rates at full load, the cost model, the load-latency curve, and what limits it.
public struct Calibrator<Engine: IOEngine & ~Copyable>: ~Copyable {
  private var generator: LoadGenerator<Engine>
  private let plan: CalibrationPlan
  private let report: (CalibrationEvent) -> Void
  private var warnings: [String]
  private var busiest = 0.0
  private let start: Int64
  private let largeLength: Int

  /// Takes over an engine. `isCancelled` is asked every 50 ms or so; true ends it with `io-calibration.interrupted`.
  /// `warnings` are what is known beforehand.
  public init(
    _ engine: consuming Engine, plan: CalibrationPlan, warnings: [String] = [], isCancelled: @escaping () -> Bool,
    report: @escaping (CalibrationEvent) -> Void
  ) {
    start = engine.now
    // A power of two, so that half of it is aligned too.
    var length = 16 << 10
    while length * 2 <= min(1 << 20, engine.largestIO) { length *= 2 }
    largeLength = length
    self.plan = plan
    self.warnings = warnings
    self.report = report
    generator = LoadGenerator(
      engine,
      isCancelled: {
        report(.tick)
        return isCancelled()
      })
  }

  /// Writes over the region, then measures it. `date` is in seconds since 1970.
  ///
  /// - Throws: `io-calibration.io-failed`, `.interrupted`, `.too-little-room`.
  public consuming func calibrate(
    disk: MeasuredDisk, target: String, date: Int
  ) throws(Fault) -> Calibration {
    let region = try layOut()
    var first = try measureRates()
    let credits = try findCredits(first)
    if credits != nil { first = try measureRates() }
    let rates = first.rates
    let cost = CostFit(rates)
    let mixed = try checkMix(cost)
    var curves = [try measureCurve(isWrite: false, capacity: rates.random.read)]
    let check = try checkCurve(curves[0])
    if plan.curvesWrites { curves.append(try measureCurve(isWrite: true, capacity: rates.random.write)) }
    let throttle = try findThrottle(first, curves[0])
    try checkDrift(rates, credits)
    warnOfErrors(mixed, check, throttle)
    if busiest > 0.85 {
      warnings.append(
        "measuring took \(FigureText.fixed(busiest * 100, 0)) % of a processor at full load:"
          + " the rates may be this processor's and not the disk's")
    }
    return Calibration(
      disk: disk, date: date, method: generator.engine.method, target: target, region: region,
      seconds: Double(generator.engine.now - start) / 1e9, isThorough: plan.isThorough, rates: rates, cost: cost,
      kernelModel: StoredKernelModel(cost), curves: curves, throttle: throttle, burst: first.burst,
      credits: credits, mixedCheck: mixed, curveCheck: check, warnings: warnings)
  }

  // MARK: Steps

  /// The region has to hold this much for random places to be that.
  static var leastRegion: Int { 32 << 20 }

  private mutating func layOut() throws(Fault) -> Int {
    report(.step("writing the measured region"))
    let written = try generator.writeAll(within: plan.layOut)
    guard written >= Self.leastRegion else {
      throw Fault(
        .ioTooLittleRoom,
        "only \(FigureText.bytes(Double(written))) could be written in \(FigureText.time(Double(plan.layOut)))",
        mend: "a measurement needs \(FigureText.bytes(Double(Self.leastRegion))); --thorough waits longer")
    }
    return written
  }

  /// Rates at full load, and what the search for a throttle needs of them.
  private struct Saturation {
    var rates: SaturatedRates
    var quarter: Double
    var sixteen: Double
    var half: Double
    var burst: Double
  }

  private mutating func measureRates() throws(Fault) -> Saturation {
    report(.step("random reads of 4 KiB"))
    try generator.rest(CalibrationPlan.seconds(0.5))
    let reads = try saturate(4096, writes: 0)
    let quarter = try glance(4096, depth: 16)
    report(.step("random writes of 4 KiB"))
    let writes = try saturate(4096, writes: 1)
    report(.step("sequential reads and writes of 4 KiB"))
    let sequentialReads = try saturate(4096, writes: 0, isSequential: true)
    let sequentialWrites = try saturate(4096, writes: 1, isSequential: true)
    report(.step("random reads of 16 KiB"))
    let sixteen = try glance(16 << 10, depth: 64)
    report(.step("sequential reads and writes of \(FigureText.bytes(Double(largeLength)))"))
    let largeReads = try saturate(largeLength, writes: 0, isSequential: true, depth: 16)
    let half = try glance(largeLength / 2, depth: 32, isSequential: true)
    let largeWrites = try saturate(largeLength, writes: 1, isSequential: true, depth: 16)
    let rates = SaturatedRates(
      random: ReadWrite(read: reads.rate, write: writes.rate),
      sequential: ReadWrite(read: sequentialReads.rate, write: sequentialWrites.rate),
      large: ReadWrite(read: largeReads.rate, write: largeWrites.rate), largeLength: largeLength)
    for (name, result) in [
      ("random reads", reads), ("random writes", writes), ("sequential reads", sequentialReads),
      ("sequential writes", sequentialWrites), ("large reads", largeReads), ("large writes", largeWrites),
    ] {
      if result.completed == 0 {
        throw Fault(.ioFailed, "the disk completed no IO in \(FigureText.time(Double(result.elapsed))): \(name)")
      }
      if result.completed < 100 {
        warnings.append("only \(result.completed) IOs were seen of: \(name); --thorough sees more")
      }
    }
    return Saturation(
      rates: rates, quarter: quarter.rate, sixteen: sixteen.rate, half: half.rate, burst: Self.burst(reads))
  }

  /// How far completions ran ahead of the steady rate, in seconds of it.
  static func burst(_ result: LoadResult) -> Double {
    guard result.rate > 0 else { return 0 }
    var done = 0.0
    var ahead = 0.0
    for (index, count) in result.windows.enumerated() {
      done += Double(count)
      let time = Double(index + 1) * Double(LoadResult.window) / 1e9
      ahead = max(ahead, done / result.rate - time)
    }
    // Within two windows' width it is chance.
    return ahead > 2 * Double(LoadResult.window) / 1e9 ? ahead : 0
  }

  private mutating func findCredits(_ before: Saturation) throws(Fault) -> CreditFinding? {
    report(.step(plan.sustained > 0 ? "looking for the end of burst credits" : "the first rate again"))
    let was = before.rates.random.read
    let duration = max(plan.sustained, plan.glance)
    let again = try run(.closed(depth: 64), 4096, writes: 0, duration: duration)
    // A long run's end counts, not its mean.
    let windows = again.windows.dropLast()
    let tail = windows.suffix(max(1, Int(plan.glance / LoadResult.window)))
    let now = Double(tail.reduce(0) { $0 + Int($1) }) / (Double(tail.count) * Double(LoadResult.window) / 1e9)
    guard now < 0.9 * was else { return nil }
    return CreditFinding(
      first: was, sustained: now, afterSeconds: Double(generator.engine.now - start) / 1e9)
  }

  private mutating func checkMix(_ cost: CostFit) throws(Fault) -> Prediction {
    report(.step("check of the cost model: 64 KiB, 70 % reads, 30 % writes"))
    let result = try saturate(64 << 10, writes: 0.3, depth: 32)
    return Prediction(
      what: "IOs in a second of 64 KiB at random, 70 % reads", predicted: cost.rate(bytes: 64 << 10, writeShare: 0.3),
      measured: result.rate)
  }

  private mutating func measureCurve(isWrite: Bool, capacity: Double) throws(Fault) -> LoadLatencyCurve {
    var points: [LoadLatencyCurve.Point] = []
    var lost = 0.0
    for utilisation in plan.utilisations {
      report(
        .step(
          "latency of \(isWrite ? "writes" : "reads") at \(FigureText.fixed(utilisation * 100, 0)) % of full load"))
      let offered = capacity * utilisation
      let result = try run(
        .open(perSecond: offered), 4096, writes: isWrite ? 1 : 0, duration: plan.point, warmUp: plan.pointWarmUp)
      let expected = offered * Double(result.elapsed - result.lost) / 1e9
      let isSaturated = Double(result.completed) < 0.97 * expected - 4 * expected.squareRoot()
      points.append(
        LoadLatencyCurve.Point(
          utilisation: utilisation, offered: offered, rate: result.rate, p50: result.p50, p99: result.p99,
          p999: result.p999, rawP99: result.p99, samples: result.completed - result.unseen, isSaturated: isSaturated))
      lost = max(lost, Double(result.lost) / Double(result.elapsed))
      // Above a rate that the disk doesn't keep up with there is nothing to learn.
      if isSaturated { break }
    }
    if lost > 0.05 {
      warnings.append(
        "this processor is busy: the measurement had to wait for it for up to \(FigureText.fixed(lost * 100, 0)) % of"
          + " the time, and the curve is less certain")
    }
    if let fewest = points.map(\.samples).min(), fewest < 300 {
      warnings.append("a p99 of the curve rests on \(fewest) IOs only; --thorough sees more")
    }
    return LoadLatencyCurve(isWrite: isWrite, capacity: capacity, measured: points)
  }

  private mutating func checkCurve(_ curve: LoadLatencyCurve) throws(Fault) -> Prediction {
    let utilisation = 0.72
    report(.step("check of the curve at 72 % of full load"))
    let result = try run(
      .open(perSecond: curve.capacity * utilisation), 4096, writes: 0, duration: plan.point,
      warmUp: plan.pointWarmUp)
    return Prediction(
      what: "p99 in nanoseconds of 4 KiB reads at 72 % of full load", predicted: curve.p99(at: utilisation) ?? 0,
      measured: result.p99)
  }

  private mutating func findThrottle(
    _ saturation: Saturation, _ curve: LoadLatencyCurve
  ) throws(Fault) -> ThrottleFinding? {
    report(.step("large reads, lightly loaded"))
    let rates = saturation.rates
    let light = try run(
      .open(perSecond: max(rates.large.read * 0.2, 4)), largeLength, writes: 0, duration: plan.glance)
    return ThrottleFinding.find(
      ThrottleFinding.Signs(
        full: rates.random.read, quarter: saturation.quarter, sixteen: saturation.sixteen,
        write: rates.random.write, unloaded: curve.points.first?.p50 ?? 0, unloadedLarge: light.p50,
        large: rates.large.read, half: saturation.half, largeLength: largeLength))
  }

  private mutating func checkDrift(_ rates: SaturatedRates, _ credits: CreditFinding?) throws(Fault) {
    report(.step("the first rate once more"))
    let again = try glance(4096, depth: 64).rate
    let drift = again / max(rates.random.read, 1e-3) - 1
    if abs(drift) > 0.05 {
      warnings.append(
        "the rate of random reads changed by \(FigureText.percent(drift)) while the disk was measured:"
          + (drift < 0 && credits == nil ? " burst credits may have run out, or" : "") + " somebody else uses it")
    }
  }

  private mutating func warnOfErrors(_ mixed: Prediction, _ curve: Prediction, _ throttle: ThrottleFinding?) {
    if abs(mixed.error) > 0.15 {
      let why =
        throttle?.iops != nil && throttle?.bandwidth != nil
        ? ": with two caps an IO costs the larger of the two, and a linear model takes their sum" : ""
      warnings.append("the cost model foretells a mix only to within \(FigureText.percent(mixed.error))" + why)
    }
    if abs(curve.error) > 0.25 {
      warnings.append("the curve foretells a p99 only to within \(FigureText.percent(curve.error))")
    }
  }

  // MARK: Loads

  private mutating func saturate(
    _ length: Int, writes: Double, isSequential: Bool = false, depth: Int = 64
  ) throws(Fault) -> LoadResult {
    let result = try run(
      .closed(depth: depth), length, writes: writes, isSequential: isSequential, duration: plan.saturated)
    busiest = max(busiest, result.processorShare)
    return result
  }

  private mutating func glance(
    _ length: Int, depth: Int, isSequential: Bool = false
  ) throws(Fault) -> LoadResult {
    try run(.closed(depth: depth), length, writes: 0, isSequential: isSequential, duration: plan.glance)
  }

  private mutating func run(
    _ arrival: Load.Arrival, _ length: Int, writes: Double, isSequential: Bool = false, duration: Int64,
    warmUp: Int64? = nil
  ) throws(Fault) -> LoadResult {
    try generator.run(
      Load(
        arrival: arrival, length: length, isSequential: isSequential, writeShare: writes, duration: duration,
        warmUp: warmUp ?? plan.warmUp))
  }
}

/// What a measurement tells while it runs.
public enum CalibrationEvent: Sendable {
  /// What it does now.
  case step(String)
  /// It is still at it; about every 50 ms.
  case tick
}
