import ControlProtocol
import IOQoS

/// What people are told.
extension ScheduledDisk {
  /// The disk and who shares it, as `isoctl io top` shows them.
  ///
  /// - Parameters:
  ///   - sensor: why latencies are missing.
  ///   - time: now.
  func wire(sensor: String?, at time: Int64) -> IODisk {
    // A copy of one's own is lent to each call; the class's would be copied for each.
    let scheduler = scheduler
    let order = scheduler.order
    let isIdle = second.rates.read.operations + second.rates.write.operations == 0 && reading?.inFlight ?? 0 == 0
    let names = activeTargetHolders(scheduler)
    return IODisk(
      number: "\(disk.number)", name: disk.name, mechanism: outage == nil ? "io.max" : "none",
      phase: isIdle ? .idle : Self.phase(order.phase), reason: outage?.message ?? sentence(order, names),
      capacity: scheduler.model == nil ? nil : order.capacity.map(share), rate: order.rate.map(share),
      used: share(scheduler.signals.delivered(over: 1_000_000_000)), inFlight: reading?.inFlight ?? 0,
      readOperations: second.rates.read.operations, writeOperations: second.rates.write.operations,
      readBytes: second.rates.read.bytes, writeBytes: second.rates.write.bytes,
      tickUsec: Int(scheduler.times.tick / 1000), sensor: sensor,
      tenants: tenants.compactMap { $0.flatMap { wire($0, names, time, scheduler) } }.sorted { $0.name < $1.name })
  }

  /// Takes down what was decided, where it differs from what was decided before.
  func noteDecisions(at now: Int64) {
    let scheduler = scheduler
    let names = activeTargetHolders(scheduler)
    for case let tenant? in tenants {
      guard let slot = tenant.slots[disk.number], let state = scheduler.state(of: slot) else { continue }
      if tenant.isHost || !state.isActive { continue }
      let isNews = tenant.decisions.note(
        disk: disk.name, kind: kind(tenant, state), at: now, text: text(tenant, state, names))
      if isNews { decisions[Self.bound(state, isAtOwnLimit: isAtOwnLimit(tenant, state)), default: 0] += 1 }
    }
  }

  private func wire(
    _ tenant: ScheduledTenant, _ targets: [String], _ time: Int64, _ scheduler: IOScheduler
  ) -> IOTenant? {
    guard let slot = tenant.slots[disk.number], let state = scheduler.state(of: slot) else { return nil }
    let promise = tenant.promise(on: disk.number)
    let held = second.ticks > 0 && second.heldTicks.indices.contains(slot) ? second.heldTicks[slot] : 0
    let (word, granted) = Self.word(state, isAtOwnLimit: isAtOwnLimit(tenant, state))
    return IOTenant(
      name: tenant.name, isHost: tenant.isHost, weight: promise.weight, reserved: share(state.reserved),
      readOperations: state.rates.read.operations, writeOperations: state.rates.write.operations,
      readBytes: state.rates.read.bytes, writeBytes: state.rates.write.bytes, used: share(state.used),
      granted: granted.map(share), state: word, reason: text(tenant, state, targets),
      heldShare: Double(held) / Double(max(1, second.ticks)),
      latencies: tenant.latencies.figures(on: disk.number, promise: promise, at: time))
  }

  /// The tenants for whose latency the disk is kept below its limit.
  private func activeTargetHolders(_ scheduler: IOScheduler) -> [String] {
    tenants.compactMap { tenant in
      guard let tenant, !tenant.promise(on: disk.number).targets.isEmpty, let slot = tenant.slots[disk.number],
        scheduler.state(of: slot)?.isActive ?? false
      else { return nil }
      return tenant.name
    }.sorted()
  }

  /// A part of the disk.
  private func share(_ cost: Double) -> Double { cost / whole }

  private func percent(_ cost: Double) -> String { Self.percent(share(cost)) }

  private func sentence(_ order: Order, _ names: [String]) -> String {
    let whose = Self.list(names)
    let because = order.reason.sentence { percent($0) }
    return names.isEmpty ? because : "\(because), for the latency of \(whose)"
  }

  private func kind(_ tenant: ScheduledTenant, _ state: TenantState) -> String {
    switch state.share {
    case .released: isAtOwnLimit(tenant, state) ? "limit" : "free"
    case .standing: "standing"
    case .held(_, let bound): "held \(bound)"
    }
  }

  private func text(_ tenant: ScheduledTenant, _ state: TenantState, _ names: [String]) -> String {
    Self.text(
      state, isKnown: isKnown, isAtOwnLimit: isAtOwnLimit(tenant, state),
      others: names.filter { $0 != tenant.name }, percent: percent)
  }

  /// Whether nothing holds it back but the line of its own limits, which it takes all of.
  private func isAtOwnLimit(_ tenant: ScheduledTenant, _ state: TenantState) -> Bool {
    state.share == .released && state.isHungry && tenant.standing(on: disk.number) != .none
  }

  /// Why a tenant stands as it does, in a clause.
  ///
  /// - Parameters:
  ///   - isKnown: whether it is known what the disk can do.
  ///   - isAtOwnLimit: whether its own limits are all that holds it back.
  ///   - others: who else counts on a latency.
  ///   - percent: says a part of the disk.
  static func text(
    _ state: TenantState, isKnown: Bool, isAtOwnLimit: Bool, others: [String], percent: (Double) -> String
  ) -> String {
    switch state.share {
    case .released where isAtOwnLimit: return "held at its own limit"
    case .released where !isKnown: return "not held back: what the disk can do isn't known yet"
    case .released: return "not held back: it wants less than its part of the disk"
    case .standing(let cap):
      return state.isActive
        ? "not held back: it wants less than the \(percent(cap)) of the disk that it may use at once"
        : "asleep: it may use \(percent(cap)) of the disk when it wakes, and more once it is seen to want it"
    case .held(let rate, because: .limit): return "held at its own limit, \(percent(rate)) of the disk"
    case .held(let rate, because: .reservationsScaled):
      return "held at \(percent(rate)) of the disk: it has slowed below what is reserved on it"
    case .held(let rate, _) where others.isEmpty:
      return "held at \(percent(rate)) of the disk: it wants more than its weight's part"
    case .held(let rate, _): return "held at \(percent(rate)) of the disk for the latency of \(list(others))"
    }
  }

  static func word(_ state: TenantState, isAtOwnLimit: Bool) -> (IOTenant.State, Double?) {
    switch state.share {
    case .released where isAtOwnLimit: (.limit, nil)
    case .released: (state.isActive ? .free : .sleeping, nil)
    case .standing(let cap): (state.isActive ? .free : .sleeping, cap)
    case .held(let rate, because: .limit): (.limit, rate)
    case .held(let rate, because: .reservationsScaled): (.reservationScaled, rate)
    case .held(let rate, _): (.share, rate)
    }
  }

  /// Tenths below 10 %, whole numbers above.
  static func percent(_ share: Double) -> String {
    let value = share * 100
    guard value.isFinite, abs(value) < 1e9 else { return "?" }
    let tenths = Int((value * 10).rounded())
    if abs(tenths) >= 100 || tenths % 10 == 0 { return "\(Int(value.rounded())) %" }
    return "\(tenths < 0 ? "-" : "")\(abs(tenths) / 10).\(abs(tenths) % 10) %"
  }

  private static func phase(_ phase: Order.Phase) -> IODisk.Phase {
    switch phase {
    case .learn: .learn
    case .share: .share
    case .drain: .drain
    case .refill: .refill
    case .cruise: .cruise
    case .probe: .probe
    }
  }

  static func list(_ names: [String]) -> String {
    switch names.count {
    case 0...3: names.joined(separator: ", ")
    default: names.prefix(2).joined(separator: ", ") + " and \(names.count - 2) more"
    }
  }
}
