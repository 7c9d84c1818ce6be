/// Decides how much work is let into one device, from its own counters alone.
///
/// Without a queue in the device nobody waits long; with none at all it idles. So the governor estimates the capacity
/// and, while a tenant with a target is active, lets in a little less; it empties a queue as soon as there is evidence
/// of one, and seldom and gently tries for more. It is a relative of BBR (Cardwell et al., ACM Queue 14(5), 2016), with
/// the device as the bottleneck link. Work is counted in the unit of the ``WorkPrice`` that each step brings.
///
/// A value: the same readings give the same orders.
public struct Governor: Sendable {
  /// The constants.
  public let parameters: GovernorParameters
  /// The windows over the readings so far.
  public private(set) var signals = DeviceSignals()
  /// The capacity, and the measurement under way.
  public internal(set) var estimator: CapacityEstimator
  /// The last order.
  public private(set) var order: Order

  /// How many requests the kernel keeps for the device at once; nil where that is unknown or nothing bounds them.
  public var requests: Double?

  var phase: Order.Phase
  var phaseStart: Int64 = 0
  var point = OperatingPoint(utilisation: 0.98, delayAllowance: 3_000_000)
  var targetActive = false
  private var targetSeen: Int64?

  var queue = 0.0
  var lowQueue = 0.0
  /// In-flight operations that the service explains: Little's law.
  var served = 0.0
  var learntLatency: Double?
  var baseLatency: Double?
  var guardBand = 0.0
  var smallestQueue = Double.infinity
  var smallestSince: Int64 = 0
  var probe = Probe()
  /// What was done since more than the estimate was let in without a queue.
  var surplus: Surplus?
  /// Whether the queue being drained is kept for as long as measuring the capacity takes.
  var isMeasuring = false
  var recentQueues = 0
  var lastQueue: Int64 = 0
  private var lastReason = Reason.learning

  /// Begins without knowledge, or with a capacity (cost per second) from calibration or from before a restart.
  public init(capacity: Double? = nil, parameters: GovernorParameters = GovernorParameters()) {
    self.parameters = parameters
    estimator = CapacityEstimator(capacity: capacity, parameters: parameters)
    phase = estimator.capacity == nil ? .learn : .share
    probe.gain = parameters.probeGain
    order = Order(
      rate: estimator.capacity, capacity: estimator.capacity, phase: phase, reason: .learning, limited: false)
  }

  /// Takes the next reading and says what may be let in until the one after it.
  ///
  /// `point` is nil while no tenant with a target is active; the governor itself keeps the last one for
  /// ``GovernorParameters/targetHold``. A reading whose time doesn't advance changes nothing.
  public mutating func step(_ reading: DeviceReading, price: WorkPrice, point newPoint: OperatingPoint?) -> Order {
    switch signals.note(reading, price: price) {
    case .ignored: return order
    case .restarted:
      restart()
      return order
    case .accepted: break
    }
    noteTarget(newPoint)
    noteQueue()
    let rate = order.rate
    let limited = rate.map { signals.delivered(over: limitedWindow) >= parameters.limitedShare * $0 } ?? false
    estimator.note(signals, saturated: lowQueue >= saturation)
    let reason = advance(limited: limited)
    if let reason { lastReason = reason }
    order = Order(
      rate: estimator.capacity.map { bounded(self.rate(capacity: $0)) }, capacity: estimator.capacity, phase: phase,
      reason: lastReason, limited: limited)
    return order
  }

  // MARK: What a step sees

  private mutating func noteTarget(_ newPoint: OperatingPoint?) {
    if let newPoint {
      point = newPoint
      targetSeen = signals.time
      targetActive = true
    } else {
      targetActive = targetSeen.map { signals.time &- $0 < parameters.targetHold } ?? false
    }
  }

  private mutating func noteQueue() {
    served = signals.completionRate * unloadedLatency / 1e9
    let now = max(0, signals.inFlight + unseen - served)
    lowQueue = min(queue, now)
    queue = now
  }

  /// The mean latency of an operation that meets no queue, in nanoseconds.
  var unloadedLatency: Double {
    let given = point.unloadedLatency.map(Double.init)
    if let learntLatency { return max(given ?? 0, learntLatency) }
    return given ?? Double(parameters.assumedLatency)
  }

  /// The capacity in operations per second at the present mean cost.
  var operationsPerSecond: Double {
    (estimator.capacity ?? signals.delivered(over: 200_000_000)) / signals.costPerOperation
  }

  /// The queue that is kept while no target is active, in operations.
  var standingQueue: Double {
    let least = isSteered ? parameters.leastStandingQueue.bare : parameters.leastStandingQueue.bucket
    return max(least, parameters.standingQueue * operationsPerSecond)
  }

  /// The queue above which the device counts as saturated, in operations.
  private var saturation: Double {
    let standing = parameters.shareSaturation * (standingQueue + served)
    let bare = parameters.saturation.operations + parameters.saturation.service * served
    return targetActive ? bare : max(bare, standing)
  }

  /// The queue that is evidence against a cruise, in operations.
  var evidence: Double {
    parameters.queueEvidence.operations + parameters.queueEvidence.seconds * operationsPerSecond
      + parameters.queueEvidence.service * served
  }

  /// Whether cruising keeps a short queue: on a device without a free burst.
  var isSteered: Bool { !parameters.hasFreeBurst }

  /// The mean queue that is kept while a target is active on such a device, in operations: a part of what the target
  /// leaves, but enough that it isn't empty before the next tick.
  var steeredQueue: Double {
    let pace = operationsPerSecond
    let least = parameters.steering.least + parameters.steering.tickPart * Double(parameters.tick) / 1e9 * pace
    return max(least, Double(point.delayAllowance) / 1e9 * parameters.steering.part * pace)
  }

  /// The mean queue of the last ticks. What is in flight at a tick is a point of the saw that the ticks' own bursts make.
  var meanQueue: Double { max(0, signals.meanInFlight - served) }

  /// What a queue may exceed that by before it is drained, in operations.
  var steeredExcess: Double {
    2 + Double(point.delayAllowance) / 1e9 * parameters.steering.excess * operationsPerSecond
  }

  /// Operations that wait for a request while all of them are in use: no counter shows them (block/blk-mq-tag.c,
  /// blk_mq_get_tag), so as many again are taken to.
  private var unseen: Double { requests.map { signals.inFlight >= $0 ? $0 : 0 } ?? 0 }

  /// The share of the capacity at which requests are left over for whoever comes, by Little's law; 1 where there are more
  /// than the device's own service needs.
  var requestsShare: Double {
    guard let requests, isSteered else { return 1 }
    return min(1, parameters.requestsPart * requests / max(operationsPerSecond * unloadedLatency / 1e9, 1e-3))
  }

  /// 0.2 s, or on a slow device the time that 32 operations take, up to 1 s: with fewer, one operation decides.
  private var limitedWindow: Int64 {
    let pace = max(1e-3, operationsPerSecond)
    return Int64(min(max(32 / pace, 0.2), 1) * 1e9)
  }

  /// How long the present phase has lasted, in nanoseconds.
  var age: Int64 { signals.time &- phaseStart }

  // MARK: Changing phase

  mutating func enter(_ next: Order.Phase) {
    phase = next
    phaseStart = signals.time
    isMeasuring = false
    surplus = nil
    if next == .cruise || next == .share { estimator.forgetShown() }
    if next == .drain {
      smallestQueue = .infinity
      smallestSince = signals.time
    }
    if next == .probe { probe.begin(capacity: estimator.capacity ?? 0, work: signals.work, time: signals.time) }
  }

  private mutating func restart() {
    estimator.restart()
    surplus = nil
    queue = 0
    lowQueue = 0
    probe.lastEnd = signals.time
    if phase == .probe { phase = .cruise }
    phaseStart = signals.time
    targetSeen = targetActive ? signals.time : nil
    lastReason = .readingsRestarted
    order.phase = phase
    order.reason = lastReason
    order.limited = false
  }

  // MARK: The rate

  private func rate(capacity: Double) -> Double {
    let cost = signals.costPerOperation
    switch phase {
    case .learn: return capacity
    case .share:
      let gain = surplus?.gain ?? 0
      let wanted = (1 + gain) * capacity - (queue - standingQueue) * cost / parameters.shareTime
      let most = max(parameters.shareRange.most, 1 + gain)
      return min(max(wanted, parameters.shareRange.least * capacity), most * capacity)
    case .drain:
      let known = min(capacity, max(estimator.provisional ?? capacity, capacity / 4))
      let pace = isSteered ? requestsShare * known : parameters.drainShare * known
      if isMeasuring { return max(pace - (queue - evidence) * cost / parameters.drainTime, capacity / 4) }
      // A throttle that doesn't hold yet makes a proportional law swing about a queue; so it grows firmer.
      let late = max(0, Double(age - parameters.drainExpected) / Double(parameters.drainExpected))
      return max(pace - queue * cost / parameters.drainTime * (1 + late), parameters.drainFloor * capacity)
    case .refill: return min(parameters.refill.share, utilisation) * capacity
    case .cruise where isSteered:
      let base = requestsShare * capacity
      let wanted = base + (steeredQueue - meanQueue) * cost / parameters.steering.time
      return min(max(wanted, parameters.drainFloor * base), parameters.shareRange.most * base)
    case .cruise: return utilisation * capacity
    case .probe: return (1 + probe.gain) * capacity
    }
  }

  /// The share of the capacity that cruising uses at present.
  var utilisation: Double { max(0.1, point.utilisation - guardBand) }

  /// Never less than an operation per second, nor what isn't a number.
  private func bounded(_ rate: Double) -> Double {
    let least = signals.costPerOperation
    guard rate.isFinite else { return least }
    return min(max(rate, least), 1e18)
  }
}

/// Since when more than the estimated capacity was let in without a queue, the work done by then, and what of the work
/// since then a free burst may explain.
struct Surplus: Sendable {
  var time: Int64
  var work: Double
  var credit: Double
  /// How much more than the estimate is let in for it, as a share, and since when.
  var gain: Double
  var raised: Int64
}
