/// Judges whether a device can keep a set of promises at once: every target at the utilisation that the tightest of
/// them allows, and all reservations within the device time that there is.
///
/// Limits, weights and targets take nothing off the capacity; a tenant without a reservation is always admitted while
/// its target can be reached. The host's own work is in the ledger: where the set has no promise of the host,
/// ``Promise/host(share:weight:)`` is added.
public struct Admission: Sendable, Equatable {
  /// The utilisation that is never exceeded, targets or not.
  public var highestUtilisation: Double
  /// The utilisation below which the device isn't throttled for anybody's target.
  public var lowestUtilisation: Double
  /// How far above the measured latency a target must lie, as a factor.
  public var targetMargin: Double
  /// How old a calibration may be, in seconds.
  public var mostAge: Int64

  /// The rules: 98 %, 30 %, a tenth more, half a year.
  public init(
    highestUtilisation: Double = 0.98, lowestUtilisation: Double = 0.30, targetMargin: Double = 1.1,
    mostAge: Int64 = 180 * 86_400
  ) {
    self.highestUtilisation = highestUtilisation.bounded(to: 1)
    self.lowestUtilisation = lowestUtilisation.bounded(to: 1)
    self.targetMargin = max(1, targetMargin.bounded(to: 100))
    self.mostAge = max(0, mostAge)
  }

  /// Judges a set.
  ///
  /// - Parameters:
  ///   - set: all promises of the device.
  ///   - model: the device's calibration, `nil` where there is none. Then only a set without reservations and targets
  ///     is admitted.
  ///   - present: the device as it is now.
  ///   - now: the time in seconds since 1970.
  ///   - asking: the index in `set` of the promise that is asked for, the others being given; what would fit of it is
  ///     named.
  public func judge(
    _ set: [Promise], on model: DeviceModel?, present: DeviceIdentity, now: Int64, asking: Int? = nil
  ) -> AdmissionVerdict {
    var verdict = AdmissionVerdict(
      refusals: set.flatMap(malformed), utilisation: 0, capacity: 0, reserved: 0, offers: [])
    let needsModel = set.contains {
      !$0.isHost && (!$0.reservation.isEmpty || $0.reservedShare > 0 || !$0.targets.isEmpty)
    }
    guard let model else {
      if needsModel { verdict.refusals.append(.uncalibrated) }
      return verdict
    }
    if let stale = staleness(of: model, present: present, now: now) {
      if needsModel { verdict.refusals.append(stale) }
      return verdict
    }
    let ledger = set.contains(where: \.isHost) ? set : set + [.host()]
    let tightest = tightest(ledger, model, &verdict)
    verdict.utilisation = tightest.utilisation
    verdict.capacity = model.sellable(at: tightest.utilisation)
    verdict.reserved = ledger.reduce(0) { ($0 + $1.reservedTime(by: model.cost)).bounded() }
    verdict.offers = offers(model, verdict)
    if verdict.reserved > verdict.capacity {
      verdict.refusals.append(.reservations(shortage(verdict, set, model, tightest, asking)))
    }
    return verdict
  }

  /// Whose target sets the utilisation, and what it would be but for that target.
  private struct Tightest {
    var utilisation: Double
    var next: Double
    var holder: (tenant: String, target: LatencyTarget)?
  }

  /// Why a calibration can't be used; nil where it can.
  ///
  /// - Parameters:
  ///   - present: the device as it is now.
  ///   - now: the time in seconds since 1970.
  public func staleness(of model: DeviceModel, present: DeviceIdentity, now: Int64) -> AdmissionRefusal? {
    if model.version != DeviceModel.currentVersion {
      return .otherVersion(measured: model.version, current: DeviceModel.currentVersion)
    }
    if model.identity != present { return .otherDevice(measured: model.identity, present: present) }
    let (age, overflow) = now.subtractingReportingOverflow(model.measured)
    let counted = overflow ? (now < 0 ? Int64.min + 1 : .max) : age
    // A clock set back by less than a day is no reason to forget a disk.
    return counted > mostAge || counted < -86_400 ? .outdated(age: counted, most: mostAge) : nil
  }

  /// What is wrong with one promise whatever the device.
  private func malformed(_ promise: Promise) -> [AdmissionRefusal] {
    var refusals: [AdmissionRefusal] = []
    if !Promise.weights.contains(promise.weight) {
      refusals.append(.weight(tenant: promise.tenant, weight: promise.weight))
    }
    guard promise.reservation.isValid, promise.limit.isValid, (0...1).contains(promise.reservedShare) else {
      return refusals + [.rate(tenant: promise.tenant)]
    }
    if !promise.targets.allSatisfy({ $0.latency > 0 && (0.5...0.9999).contains($0.percentile) }) {
      refusals.append(.target(tenant: promise.tenant))
    }
    let (reserved, limit) = (promise.reservation, promise.limit)
    for (amount, unit) in [(\PromisedRate.operations, "operations a second"), (\PromisedRate.bytes, "bytes a second")] {
      func compare(_ kind: String, _ reservation: Double?, _ limit: Double?) {
        guard let reservation, let limit, limit < reservation else { return }
        refusals.append(
          .limitBelowReservation(
            tenant: promise.tenant, what: kind + unit, reservation: reservation, limit: limit))
      }
      compare("read ", reserved.read[keyPath: amount], limit.read[keyPath: amount])
      compare("write ", reserved.write[keyPath: amount], limit.write[keyPath: amount])
      // A reservation for any mixture must be reachable by reads alone and by writes alone.
      let tightest = [limit.together, limit.read, limit.write].compactMap { $0[keyPath: amount] }.min()
      compare("", reserved.together[keyPath: amount], tightest)
      let apart = [reserved.read, reserved.write].compactMap { $0[keyPath: amount] }
      compare("", apart.isEmpty ? nil : apart.reduce(0, +), limit.together[keyPath: amount])
    }
    return refusals
  }

  /// The least latency that can be promised for a target's operations.
  private func least(_ target: LatencyTarget, _ model: DeviceModel) -> Int64 {
    let measured = model.curve(for: target.operation).latency(target.percentile, at: lowestUtilisation)
    let margin = max(targetMargin, 1 + model.latencyError.bounded(to: 0.5))
    return (Double(measured) * margin).rounded(.up).wholeSigned.roundedUpToThreeDigits
  }

  /// Refuses targets that can't be reached; of the others, the utilisation that keeps them all and whose is the tightest.
  private func tightest(
    _ ledger: [Promise], _ model: DeviceModel, _ verdict: inout AdmissionVerdict
  ) -> Tightest {
    var tightest = Tightest(utilisation: highestUtilisation, next: highestUtilisation)
    for promise in ledger {
      for target in promise.targets where target.latency > 0 {
        let least = least(target, model)
        guard target.latency >= least, let reached = model.utilisation(keeping: target) else {
          verdict.refusals.append(.targetUnreachable(tenant: promise.tenant, target: target, least: least))
          continue
        }
        if reached < tightest.utilisation {
          tightest = Tightest(utilisation: reached, next: tightest.utilisation, holder: (promise.tenant, target))
        } else {
          tightest.next = min(tightest.next, reached)
        }
      }
    }
    return tightest
  }

  private func shortage(
    _ verdict: AdmissionVerdict, _ set: [Promise], _ model: DeviceModel, _ tightest: Tightest, _ asking: Int?
  ) -> AdmissionRefusal.Shortage {
    var shortage = AdmissionRefusal.Shortage(
      reserved: verdict.reserved, capacity: verdict.capacity, tightest: tightest.holder)
    let whole = model.sellable(at: 1)
    if let holder = tightest.holder, whole > 0, verdict.reserved <= model.sellable(at: tightest.next) {
      // Rounded up, so that asking for this very latency is admitted.
      var loosened = holder.target
      let latency = model.latency(
        loosened.operation, percentile: loosened.percentile, at: verdict.reserved / whole)
      loosened.latency = (latency + 1).roundedUpToThreeDigits
      if let reached = model.utilisation(keeping: loosened), model.sellable(at: reached) >= verdict.reserved {
        shortage.fittingLatency = loosened.latency
      }
    }
    if let asking, set.indices.contains(asking) {
      let promise = set[asking]
      let own = promise.reservedTime(by: model.cost)
      if own > 0 {
        let part = min(1, max(0, verdict.capacity - (verdict.reserved - own)) / own)
        shortage.asking = (promise.tenant, part, promise.reservation.scaled(by: part))
      }
    }
    return shortage
  }

  /// What is left at the latencies of a ladder of utilisations, and without a target.
  private func offers(_ model: DeviceModel, _ verdict: AdmissionVerdict) -> [AdmissionVerdict.Offer] {
    let read = Work(operations: 1, bytes: CostModel.reservedOperationSize)
    let stream = Work(operations: 1, bytes: CostModel.reservedStreamSize)
    func offer(_ p99: Int64?, _ utilisation: Double) -> AdmissionVerdict.Offer {
      let utilisation = min(utilisation, verdict.utilisation)
      let time = max(0, model.sellable(at: utilisation) - verdict.reserved)
      let (one, many) = (model.cost.cost(of: read, .read), model.cost.cost(of: stream, .read))
      return AdmissionVerdict.Offer(
        p99: p99, utilisation: utilisation, deviceTime: time, operations: one > 0 ? (time / one).bounded() : .most,
        bytes: many > 0 ? (time / many * CostModel.reservedStreamSize).bounded() : .most)
    }
    var offers: [AdmissionVerdict.Offer] = []
    for step in [lowestUtilisation, 0.5, 0.7, 0.8, 0.9, 0.95, highestUtilisation] where step >= lowestUtilisation {
      var target = LatencyTarget(.read, latency: 0)
      target.latency = max(model.latency(.read, percentile: target.percentile, at: step), least(target, model))
      guard step <= highestUtilisation, target.latency > offers.last?.p99 ?? 0 else { continue }
      guard let reached = model.utilisation(keeping: target) else { continue }
      offers.append(offer(target.latency, reached))
    }
    return offers + [offer(nil, highestUtilisation)]
  }
}
