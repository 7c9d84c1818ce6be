/// One device's scheduler: readings in, lines of `io.max` out.
///
/// Each tick: ask ``due(at:)`` which tenants to read, ``note(_:dispatched:at:)`` each of them, and ``decide(_:into:)``.
/// It composes the ``Governor`` (how much is let in), the ``DeviceShares`` (who gets what of it) and a ``RatePacer`` for
/// each tenant (how that becomes an even stream). A value without any clock of its own: the same readings give the
/// same lines.
public struct IOScheduler: Sendable {
  /// A tenant on this device, as ``begin(_:standing:written:)`` named it.
  public typealias Slot = Int

  /// A line of `io.max` that is to be written.
  public struct Write: Sendable, Equatable {
    /// Whose.
    public var slot: Slot
    /// What it is to say.
    public var limits: IOMaxLimits
  }

  /// The times of the scheduler, in nanoseconds.
  public struct Times: Sendable, Equatable {
    /// Between two decisions.
    public var tick: Int64
    /// For how long after its last operation a tenant's target counts.
    public var targetHold: Int64 = 1_000_000_000
    /// For how long after a drain nobody's use says what it wants.
    public var calm: Int64 = 500_000_000
    /// Between two looks at a tenant that sleeps, at least.
    public var look: Int64 = 20_000_000

    /// The ticks that were measured to be right: 20 ms behind a token bucket, which lets a tick's burst through, and
    /// 4 ms, a jiffy at HZ=250, for a disk that has none.
    public init(hasFreeBurst: Bool) { tick = hasFreeBurst ? 20_000_000 : 4_000_000 }
  }

  /// The times in force.
  public let times: Times
  /// The calibration; `nil` where the device has none: then no latency and no reservation can be promised.
  public let model: DeviceModel?
  /// What the governor last decided.
  public var order: Order { governor.order }
  /// What its readings say.
  public var signals: DeviceSignals { governor.signals }
  /// The rate at which work that no knob can hold back takes device time: journals, what has no group.
  public var unheld: Double { balance.unexplained }
  /// The part of the tenants' operations that the block layer merged away before the device saw them, as a factor of
  /// cost: 1 where it merges nothing.
  public var merging: Double { balance.merging }

  /// How many requests the kernel keeps for the device at once; nil where that is unknown or nothing bounds them.
  public var requests: Int? {
    get { governor.requests.map { $0.wholeSigned }.map(Int.init(clamping:)) }
    set { governor.requests = newValue.map { Double(max(1, $0)) } }
  }

  /// Who is held back.
  public private(set) var held: [Slot] = []

  private static let manyAwake = 48

  private let cost: CostModel
  /// Random operations: nothing tells which of a tenant's continue the one before.
  private let price: WorkPrice
  private let lines: StandingLines
  private let pacing: RatePacer.Parameters
  private var governor: Governor
  private var division = DeviceShares()
  /// By slot; what is in a free one means nothing. Looked at in their place: a copy of one costs more than a look.
  private var tracks: [TenantTrack] = []
  private var taken: [Bool] = []
  private var free: [Slot] = []
  private var live: [Slot] = []
  private var contenders: [DeviceShares.Contender] = []
  private var shares: [DeviceShares.Share] = []
  private var due: [Slot] = []
  private var turn = 0
  /// How many there were who weren't held back at the last turn, awake and asleep.
  private var counted = (active: 0, asleep: 0)
  private var time: Int64 = 0
  private var jiffyTime: Int64 = 0
  private var lastCut: Int64?
  private var balance = WorkBalance()
  /// The most that a standing cap may be, in cost each second.
  private var burst = Double.infinity
  /// The cost of all that tenants were seen to dispatch.
  private var dispatched = 0.0

  /// Starts to schedule a device.
  ///
  /// - Parameters:
  ///   - model: its calibration, if there is one.
  ///   - capacity: what it was known to do a moment ago, as a share of the calibrated device, from before a restart.
  public init(model: DeviceModel?, capacity: Double? = nil) {
    self.model = model
    var parameters = GovernorParameters()
    if let model { parameters.freeBurst = model.burst }
    times = Times(hasFreeBurst: parameters.hasFreeBurst)
    var pacing = RatePacer.Parameters()
    pacing.tick = times.tick
    parameters.tick = times.tick
    self.pacing = pacing
    let cost = model?.cost ?? .unmeasured
    self.cost = cost
    price = WorkPrice(random: cost)
    lines = StandingLines(cost: cost, bytesMargin: pacing.bytesMargin)
    let known = model == nil ? nil : CostModel.wholeDevice
    governor = Governor(capacity: capacity.map { $0 * CostModel.wholeDevice } ?? known, parameters: parameters)
  }

  // MARK: Tenants

  /// Takes a tenant in.
  ///
  /// - Parameters:
  ///   - standing: the limits that are never exceeded and that are left in the end; by default the promise's own.
  ///   - written: what its `io.max` says at present.
  public mutating func begin(_ promise: Promise, standing: IOMaxLimits? = nil, written: IOMaxLimits) -> Slot {
    // Multiples of the golden ratio are far from each other, however many there are.
    let place = (0.618_033_988_749_895 * Double(free.last ?? tracks.count)).truncatingRemainder(dividingBy: 1)
    let track = TenantTrack(
      promise, cost: cost, standing: standing ?? IOMaxLimits(promise.limit), written: written, pacing: pacing,
      place: place)
    let slot: Slot
    if let reused = free.popLast() {
      slot = reused
      tracks[slot] = track
      taken[slot] = true
    } else {
      slot = tracks.count
      tracks.append(track)
      taken.append(true)
    }
    live.append(slot)
    return slot
  }

  /// Lets a tenant go; its slot may be given to another.
  public mutating func end(_ slot: Slot) {
    guard isTaken(slot) else { return }
    taken[slot] = false
    live.removeAll { $0 == slot }
    held.removeAll { $0 == slot }
    free.append(slot)
  }

  private func isTaken(_ slot: Slot) -> Bool { taken.indices.contains(slot) && taken[slot] }

  /// The time until the next decision, in nanoseconds: with many awake, two ticks where a tick is short.
  public var interval: Int64 {
    let busy = counted.active + held.count
    return times.tick < 8_000_000 && busy > Self.manyAwake ? 2 * times.tick : times.tick
  }

  /// Which tenants are to be read before the decision at `time`: a bounded number, whoever is held back foremost.
  public mutating func due(at time: Int64) -> [Slot] {
    turn &+= 1
    due.removeAll(keepingCapacity: true)
    let rounds = Int(RatePacer.period(heldBack: held.count, parameters: pacing) / times.tick)
    let often = max(1, min(5, counted.active / 8))
    // Whoever sleeps needs no look each few milliseconds, unless somebody has woken.
    let rare =
      balance.isSurprised
      ? max(1, min(5, counted.asleep / 8)) : max(Int(times.look / times.tick), min(25, counted.asleep / 8))
    var (place, promised, others) = (0, 0, 0)
    for slot in live {
      if tracks[slot].lastNote == nil {
        due.append(slot)
      } else if tracks[slot].isPaced {
        if place % max(1, rounds) == turn % max(1, rounds) { due.append(slot) }
        place += 1
      } else if !tracks[slot].promise.targets.isEmpty || tracks[slot].isActive(at: time, within: times.targetHold) {
        if promised % often == turn % often { due.append(slot) }
        promised += 1
      } else {
        if others % rare == turn % rare { due.append(slot) }
        others += 1
      }
    }
    counted = (promised, others)
    return due
  }

  /// Takes what a tenant's `io.stat` counts: what has passed its `io.max`.
  public mutating func note(_ slot: Slot, dispatched: PerDirection<IOCount>, at time: Int64) {
    guard isTaken(slot) else { return }
    let calm = isCalm(at: time)
    self.dispatched += tracks[slot].note(dispatched, at: time, cost: cost, price: price, calm: calm)
  }

  // MARK: Deciding

  /// Takes the device's reading, decides, and leaves what is to be written in `writes`.
  public mutating func decide(_ reading: DeviceReading, into writes: inout [Write]) {
    writes.removeAll(keepingCapacity: true)
    time = reading.time
    jiffyTime = reading.jiffyTime
    let point = operatingPoint()
    let order = governor.step(reading, price: price, point: point)
    // A slice of a tenth of a second passes at once when a tenant wakes: it is to fit between what a target's own
    // operations take and the target.
    burst = point.map { 40 * Double($0.delayAllowance) / 1e9 * (order.capacity ?? .infinity) } ?? .infinity
    if order.phase == .drain || order.phase == .refill { lastCut = time }
    noteRest()
    contenders.removeAll(keepingCapacity: true)
    for slot in live { contenders.append(tracks[slot].contender) }
    let budget = order.rate.map { max(0.02 * $0, $0 - unheld) / merging }
    _ = division.divide(budget, among: contenders, into: &shares)
    held.removeAll(keepingCapacity: true)
    for (index, slot) in live.enumerated() where index < shares.count {
      take(shares[index], granted: budget == nil ? 0 : division.grants[index], slot)
      if tracks[slot].isPaced { held.append(slot) }
    }
    let period = RatePacer.period(heldBack: held.count, parameters: pacing)
    let tick = TenantTrack.Tick(
      time: time, jiffyTime: jiffyTime, period: period, price: price,
      isSteady: order.phase != .drain && order.phase != .learn, burst: burst)
    for slot in due where isTaken(slot) {
      if let limits = tracks[slot].line(tick, lines) { writes.append(Write(slot: slot, limits: limits)) }
    }
  }

  /// Lines that keep every promise as well as fixed limits can, for the time in which nobody decides: each tenant without
  /// a target gets its part of what the others leave, asleep or not, within what the device can do now.
  ///
  /// Behind a token bucket that is 0.95 of what the targets leave. Elsewhere what passes at once, blk-throttle's slice of
  /// a tenth of a second, has to fit between what a target's own operations take and the target, but for 0.35 of the
  /// device.
  public mutating func standingLimits() -> [Write] {
    let point = operatingPoint(ifAllWere: true)
    let capacity = order.capacity.map { capacity in
      guard let point else { return 0.95 * capacity }
      let burst = isBare ? max(0.35, 40 * Double(point.delayAllowance) / 1e9) : 1
      return min(0.95 * point.utilisation, burst) * capacity
    }
    contenders.removeAll(keepingCapacity: true)
    for slot in live {
      let track = tracks[slot]
      var use = track.use
      // Who stays without a limit needs room for what it reserved or lately used; the others might ask for anything.
      let isFree = !track.promise.targets.isEmpty || track.promise.isHost
      use.growth = isFree ? 2 : .infinity
      use.isWaiting = !isFree
      if isFree { use.leastDemand = track.promise.reservedTime(by: cost) }
      contenders.append(use.contender(by: cost))
    }
    _ = division.divide(capacity, among: contenders, into: &shares)
    return live.enumerated().map { index, slot in
      let track = tracks[slot]
      guard capacity != nil, track.promise.targets.isEmpty, !track.promise.isHost else {
        return Write(slot: slot, limits: track.standing)
      }
      return Write(slot: slot, limits: lines.fixed(division.grants[index], track.mix).stricter(track.standing))
    }
  }

  /// How a tenant stands, for people.
  public func state(of slot: Slot) -> TenantState? {
    guard isTaken(slot) else { return nil }
    let track = tracks[slot]
    return TenantState(
      share: track.share, isHungry: track.isHungry, used: track.history.used(over: 1_000_000_000),
      rates: track.history.rates(over: 1_000_000_000),
      isActive: track.isActive(at: time, within: times.targetHold), reserved: track.promise.reservedTime(by: cost))
  }

  private mutating func take(_ share: DeviceShares.Share, granted: Double, _ slot: Slot) {
    // What somebody is only thought to want is let through evenly until it is seen to be so.
    if case .standing = share, tracks[slot].isHungry {
      tracks[slot].share = .held(at: granted, because: .share)
    } else {
      tracks[slot].share = share
    }
  }

  // MARK: What the device says

  /// Whether calibration found no token bucket before the device.
  private var isBare: Bool { model != nil && governor.isSteered }

  private func isCalm(at time: Int64) -> Bool { lastCut.map { time &- $0 > times.calm } ?? true }

  /// What the device took in against what its tenants were seen to let into it: the rest is work that nobody can hold
  /// back, or, the other way round, operations that were merged. What is noted late is made up for, since both are sums.
  private mutating func noteRest() {
    balance.note(
      work: signals.work, waiting: signals.inFlight * signals.costPerOperation, dispatched: dispatched,
      capacity: order.capacity ?? .infinity, at: time)
  }

  /// Where the device is to be run: at the utilisation that the tightest active target allows.
  private func operatingPoint(ifAllWere active: Bool = false) -> OperatingPoint? {
    guard let model else { return nil }
    // Who has one operation at a time does nothing for as long as that waits in the device.
    let patience = max(times.targetHold, (2 * (signals.meanLatency ?? 0)).wholeSigned)
    var targets: [LatencyTarget] = []
    for slot in live {
      guard !tracks[slot].promise.targets.isEmpty, active || tracks[slot].isActive(at: time, within: patience) else {
        continue
      }
      targets += tracks[slot].promise.targets
    }
    guard !targets.isEmpty else { return nil }
    let utilisation = targets.reduce(0.98) { min($0, model.utilisation(keeping: $1) ?? 0.30) }
    let headroom = targets.reduce(Int64.max) { least, target in
      let kept = model.curve(for: target.operation).latency(target.percentile, at: utilisation)
      return min(least, max(0, target.latency - kept))
    }
    return OperatingPoint(
      utilisation: utilisation, delayAllowance: headroom / 4, unloadedLatency: unloadedLatency(model, utilisation))
  }

  /// The mean latency of an operation of the present mix. Behind a token bucket the size hardly counts; a disk's own
  /// service takes as much longer as the operation costs more, and is what was measured where nobody waits: at half load.
  private func unloadedLatency(_ model: DeviceModel, _ utilisation: Double) -> Int64 {
    guard isBare else { return model.curve.mean(at: utilisation) }
    let measured = Double(model.curve.mean(at: min(utilisation, 0.5)))
    let small = cost.cost(of: Work(operations: 1, bytes: CostModel.reservedOperationSize), .read)
    guard small > 0, signals.completionRate > 0 else { return measured.wholeSigned }
    // On a slower disk everything takes as much longer.
    let slowness = max(1, CostModel.wholeDevice / max(order.capacity ?? CostModel.wholeDevice, 1))
    return (measured * max(1, signals.costPerOperation / small) * slowness).wholeSigned
  }
}

extension CostModel {
  /// For a device that was never measured: an operation counts one, and as much again for each 128 KiB.
  static let unmeasured = CostModel(
    read: Prices(randomBase: 1, sequentialBase: 1, perPage: 1.0 / 32),
    write: Prices(randomBase: 1, sequentialBase: 1, perPage: 1.0 / 32))
}
