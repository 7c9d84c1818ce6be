/// The transitions of the ``Governor``.
extension Governor {
  /// Moves from phase to phase; returns the reason of what changed, nil where nothing did.
  mutating func advance(limited: Bool) -> Reason? {
    guard let capacity = estimator.capacity else { return learn() }
    if estimator.stalled, phase == .cruise || phase == .probe {
      if phase == .probe { endProbe() }
      enter(.drain)
      return .stalled(for: signals.time &- signals.lastCompletion)
    }
    if targetActive, phase == .share || phase == .learn {
      enter(.drain)
      return .targetWoke
    }
    if !targetActive, phase != .share {
      if phase == .probe { endProbe() }
      enter(.share)
      return .noTargetActive
    }
    guardBand = max(0, guardBand - parameters.guardBand.returned * signals.elapsed)
    switch phase {
    case .learn: return nil
    case .share: return share(capacity, limited)
    case .drain: return drain(capacity)
    case .refill: return refill()
    case .cruise: return cruise(capacity, limited)
    case .probe: return seek(capacity, limited)
    }
  }

  private mutating func learn() -> Reason? {
    guard estimator.run >= parameters.learningRun, let measured = estimator.measured else { return .learning }
    estimator.set(measured)
    enter(targetActive ? .drain : .share)
    return .learned(capacity: measured)
  }

  private mutating func share(_ capacity: Double, _ limited: Bool) -> Reason? {
    probe.lastEnd = signals.time
    probe.gain = parameters.probeGain
    if limited { probe.lastLimited = signals.time }
    if let measured = estimator.measured {
      estimator.follow(measured, elapsed: signals.elapsed)
      surplus = nil
    } else if limited {
      return rise(capacity)
    } else if signals.time &- probe.lastLimited > parameters.probeIdle {
      surplus = nil
    }
    return .noTargetActive
  }

  /// More is let in than the estimate and no queue forms. Once more was done than the free burst explains, the device
  /// is the faster for it; what comes after isn't explained by any burst any more. The longer nothing waits, the more
  /// is let in.
  private mutating func rise(_ capacity: Double) -> Reason? {
    guard var begun = surplus, signals.time > begun.time else {
      surplus = Surplus(
        time: signals.time, work: signals.work, credit: parameters.freeBurst * capacity, gain: 0, raised: signals.time)
      return .noTargetActive
    }
    if queue > standingQueue / 2 {
      begun.gain = 0
      begun.raised = signals.time
    } else if signals.time &- begun.raised >= parameters.shareGain.patience {
      begun.gain = min(max(2 * begun.gain, parameters.shareGain.first), parameters.shareGain.most)
      begun.raised = signals.time
    }
    surplus = begun
    let elapsed = Double(signals.time &- begun.time) / 1e9
    let delivered = (signals.work - begun.work - begun.credit) / elapsed
    guard elapsed >= Double(parameters.measuringWindow) / 1e9,
      delivered * elapsed > capacity * elapsed + 2 * signals.costPerOperation
    else { return .noTargetActive }
    estimator.set(delivered)
    begun.time = signals.time
    begun.work = signals.work
    begun.credit = 0
    surplus = begun
    return .capacityRose(from: capacity, to: delivered)
  }

  private mutating func drain(_ capacity: Double) -> Reason? {
    var reason: Reason?
    let saturated = parameters.saturation.operations + parameters.saturation.service * served
    if isMeasuring {
      if let measured = estimator.measured {
        isMeasuring = false
        reason = .measured(from: capacity, to: measured)
        estimator.set(measured)
      } else if age > parameters.measuringPatience || signals.elapsed == 0 {
        isMeasuring = false
      } else {
        return nil
      }
    }
    if let measured = estimator.measured, measured < 0.95 * capacity, lowQueue > saturated {
      reason = fall(from: capacity, to: measured)
    }
    learnLatency()
    if queue <= (isSteered ? steeredQueue + 1 : 1 + parameters.saturation.service * served) {
      if reason == nil, let shown = estimator.shown, shown.run >= parameters.decisiveRun,
        signals.time &- shown.time <= parameters.provisionalRun,
        shown.capacity < parameters.decisiveFall * capacity
      {
        reason = fall(from: capacity, to: shown.capacity)
      }
      enter(isSteered ? .cruise : .refill)
      return reason ?? .drained
    }
    if queue < smallestQueue {
      smallestQueue = queue
      smallestSince = signals.time
    } else if signals.time &- smallestSince >= parameters.drainPatience, !estimator.stalled {
      // Unless the device is as busy as ever: then somebody feeds it whom nothing holds yet.
      if let mean = signals.meanLatency, signals.delivered(over: 200_000_000) < capacity / 2 {
        // As many operations at a time that take so much longer each are so many fewer in all.
        let slowed = capacity * min(1, max(unloadedLatency / max(mean, 1), 0.1))
        _ = fall(from: capacity, to: max(slowed, signals.delivered(over: parameters.measuringWindow)))
        learntLatency = mean
        enter(.cruise)
        return .serviceIsSlower(mean: whole(mean))
      }
    }
    return reason
  }

  private mutating func refill() -> Reason? {
    learnLatency()
    if lowQueue > evidence {
      let found = lowQueue
      suspect()
      return .queueFound(operations: found, threshold: evidence)
    }
    guard age >= refillTime else { return nil }
    enter(.cruise)
    return .holding(utilisation: utilisation)
  }

  /// Large operations take their credit in large pieces: with none left over, the next that come together wait again.
  private var refillTime: Int64 {
    let capacity = estimator.capacity ?? 0
    guard capacity > 0 else { return parameters.refill.time }
    let wanted = parameters.refill.operations * signals.costPerOperation / capacity
    let seconds = min(wanted, 0.8 * parameters.freeBurst) / (1 - parameters.refill.share)
    return max(parameters.refill.time, whole(seconds * 1e9))
  }

  /// A disk without a token bucket: nothing delays what exceeds its capacity but its own queue, and only a queue keeps
  /// it busy. So a short one is kept, and what it takes to keep it is the capacity.
  private mutating func steer(_ capacity: Double, _ limited: Bool) -> Reason? {
    learnLatency()
    if lowQueue > steeredQueue + steeredExcess {
      let found = lowQueue
      if probe.gain > parameters.steering.gain { estimator.set(probe.capacity) }
      endSteering()
      suspect()
      return .queueFound(operations: found, threshold: steeredQueue + steeredExcess)
    }
    // It falls by measurement alone: an integral of the queue's error falls with every burst of a late tick.
    let error = (steeredQueue - meanQueue) * signals.costPerOperation
    if let measured = estimator.measured, measured < capacity {
      estimator.follow(measured, elapsed: signals.elapsed)
    } else if error > 0, limited, requestsShare >= 1 {
      let share = signals.elapsed / (parameters.steering.time * parameters.steering.integralTime)
      estimator.set(capacity + error * share)
    }
    // While requests are kept free nothing tells what the device could do with all of them.
    let waits = meanQueue > steeredQueue / 2 || requestsShare < 1
    if waits || !limited {
      if probe.gain > parameters.steering.gain, meanQueue > steeredQueue { estimator.set(probe.capacity) }
      if waits { endSteering() }
      probe.lastLimited = signals.time
      return .holding(utilisation: 1)
    }
    guard signals.time &- probe.lastLimited >= parameters.steering.patience else { return .holding(utilisation: 1) }
    // Nothing has waited for so long: there is more to be had, and the longer so the more.
    let risen = (1 + probe.gain) * capacity
    probe.capacity = capacity
    probe.gain = min(2 * probe.gain, parameters.steering.mostGain)
    probe.lastLimited = signals.time
    estimator.set(risen)
    return .capacityRose(from: capacity, to: risen)
  }

  private mutating func endSteering() {
    probe.gain = parameters.steering.gain
    probe.lastLimited = signals.time
  }

  private mutating func cruise(_ capacity: Double, _ limited: Bool) -> Reason? {
    if isSteered { return steer(capacity, limited) }
    noteBase()
    learnLatency()
    if let found = findQueue(tolerance: parameters.cruiseTolerance) {
      var reason = found
      if let measured = estimator.measured, measured < 0.97 * capacity {
        reason = fall(from: capacity, to: measured)
      } else {
        guardBand = min(parameters.guardBand.most, guardBand + parameters.guardBand.step)
      }
      probe.lastEnd = signals.time
      suspect()
      return reason
    }
    if limited, signals.time &- probe.lastEnd >= probeInterval {
      enter(.probe)
      return .probing(gain: 1 + probe.gain)
    }
    return .holding(utilisation: utilisation)
  }

  private mutating func seek(_ capacity: Double, _ limited: Bool) -> Reason? {
    if let found = findQueue(tolerance: 1) {
      estimator.set(probe.capacity)
      if let measured = estimator.measured, estimator.run >= 2 * parameters.measuringRun, measured > probe.capacity {
        estimator.set(measured)
      }
      // A step this large leaves the capacity open by as much: the queue that it made measures it.
      let isLarge = probe.gain > parameters.probeGain
      endProbe()
      enter(.drain)
      isMeasuring = isLarge
      return found
    }
    if limited { probe.lastLimited = signals.time }
    let elapsed = Double(signals.time &- probe.start) / 1e9
    let excess = signals.work - probe.work - probe.capacity * elapsed
    let least = max(parameters.freeBurst * probe.capacity, 2 * signals.costPerOperation, 0.01 * probe.capacity)
    if excess > least, limited, age > parameters.settling {
      let from = probe.capacity
      let risen = min(max(signals.delivered(over: whole(elapsed * 1e9)), from), (1 + probe.gain) * from)
      estimator.set(risen)
      probe.gain = min(probe.gain * 2, mostGain)
      enter(.probe)
      return .capacityRose(from: from, to: risen)
    }
    if signals.time &- probe.lastLimited > parameters.probeIdle {
      endProbe()
      enter(.cruise)
      return .demandEnded
    }
    if age > parameters.probeTime {
      endProbe()
      enter(.cruise)
      return .holding(utilisation: utilisation)
    }
    return nil
  }

  // MARK: Parts

  private mutating func fall(from: Double, to: Double) -> Reason {
    estimator.set(to)
    if to < 0.9 * from {
      probe.lastFall = signals.time
    }
    probe.lastEnd = signals.time
    return .capacityFell(from: from, to: to)
  }

  /// Drains; when queues come back again and again, the estimate is wrong, and the next queue is kept to measure it.
  private mutating func suspect() {
    recentQueues = signals.time &- lastQueue < parameters.suspicion.time ? recentQueues + 1 : 1
    lastQueue = signals.time
    enter(.drain)
    if recentQueues >= parameters.suspicion.queues {
      recentQueues = 0
      isMeasuring = true
    }
  }

  /// Ends a search.
  private mutating func endProbe() {
    probe.gain = parameters.probeGain
    probe.lastEnd = signals.time
  }

  private var probeInterval: Int64 {
    guard let fall = probe.lastFall, signals.time &- fall < parameters.probeInterval.soon else {
      return parameters.probeInterval.usual
    }
    return parameters.probeInterval.afterFall
  }

  /// What a probe that is too far makes before it is noticed is a queue of `noticing` seconds times the gain.
  private var mostGain: Double {
    let allowance = Double(point.delayAllowance) / 1e9
    return max(parameters.probeGain, min(parameters.probeGainMost.gain, allowance / parameters.probeGainMost.noticing))
  }

  /// Evidence of a queue while cruising or probing.
  private mutating func findQueue(tolerance: Double) -> Reason? {
    if lowQueue > evidence { return .queueFound(operations: lowQueue, threshold: evidence) }
    guard age > parameters.settling, let base = baseLatency, let mean = signals.meanLatency else { return nil }
    let allowed = Double(point.delayAllowance) * tolerance
    guard mean > base + allowed else { return nil }
    // With no queue to go with it, it is the service that has become slower: believed in a few such events.
    if lowQueue < parameters.saturation.operations { baseLatency = base + (mean - base) / 4 }
    return .latencyRose(by: whole(mean - base), allowed: whole(allowed))
  }

  private mutating func noteBase() {
    guard age > parameters.baseAfter, let mean = signals.meanLatency else { return }
    guard let base = baseLatency else {
      baseLatency = mean
      return
    }
    let share = mean < base ? 0.1 : min(1, signals.elapsed / parameters.baseRise)
    baseLatency = base + (mean - base) * share
  }

  /// The least mean latency while no queue stands is what service takes; used where calibration didn't say.
  private mutating func learnLatency() {
    guard point.unloadedLatency == nil || learntLatency != nil else { return }
    guard signals.operations(over: 60_000_000) >= 4, let mean = signals.meanLatency else { return }
    let bounded = min(max(mean, 1_000), 1e9)
    guard let learnt = learntLatency else {
      if phase == .cruise, age > parameters.baseAfter { learntLatency = bounded }
      return
    }
    let share = bounded < learnt ? 0.1 : min(1, signals.elapsed / parameters.baseRise)
    if bounded < learnt || phase == .cruise { learntLatency = learnt + (bounded - learnt) * share }
  }

  private func whole(_ nanoseconds: Double) -> Int64 {
    nanoseconds.isFinite ? Int64(min(max(nanoseconds, 0), 1e18)) : 0
  }
}
