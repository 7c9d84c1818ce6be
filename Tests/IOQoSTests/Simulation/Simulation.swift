import IOQoS

/// Groups, a throttle for each, one disk, and the governor with a pacer for each group, in virtual time.
struct Simulation {
  /// One tick's record.
  struct Tick {
    var time: Int64
    var order: Order
    var work: Double
    var inFlight: Int
  }
  struct Latency {
    var end: Int64
    var nanoseconds: Int64
  }

  var device: SimulatedDevice
  var workloads: [SimulatedWorkload]
  var governor: Governor
  /// False: nothing is held back.
  var isGoverned = true
  var point: OperatingPoint
  let tick: Int64
  /// A tick comes late by up to this.
  var tickJitter: Int64 = 1_000_000

  private(set) var ticks: [Tick] = []
  private(set) var latencies: [Latency] = []
  /// Operations that ended, by workload.
  private(set) var ended: [Int]
  private(set) var throttles: [SimulatedThrottle]

  private var events = EventQueue()
  private var pacers: [RatePacer]
  private let pacing: RatePacer.Parameters
  private var running: [Int]
  private var nextPaced: [Int64]
  private var arriving: [Bool]
  private var used: [[Double]]
  private var grants: [Double?]
  /// Who uses what it is granted; as it was before a drain, which leaves nobody enough to show it.
  private var hungry: [Bool]
  private var calmTicks = 0
  private var granted: [[Double]]
  private var random: SplitMix64
  private var victimSeen = false

  init(
    device: SimulatedDevice, workloads: [SimulatedWorkload], governor: Governor, point: OperatingPoint, seed: UInt64,
    tick: Int64 = 20_000_000
  ) {
    self.tick = tick
    var pacing = RatePacer.Parameters()
    pacing.tick = tick
    self.pacing = pacing
    self.device = device
    self.workloads = workloads
    self.governor = governor
    self.point = point
    random = SplitMix64(seed: seed ^ 0xA5A5_5A5A)
    let count = workloads.count
    ended = [Int](repeating: 0, count: count)
    throttles = [SimulatedThrottle](repeating: SimulatedThrottle(), count: count)
    pacers = [RatePacer](repeating: RatePacer(parameters: pacing), count: count)
    running = [Int](repeating: 0, count: count)
    nextPaced = [Int64](repeating: 0, count: count)
    arriving = [Bool](repeating: false, count: count)
    used = [[Double]](repeating: [Double](repeating: 0, count: 26), count: count)
    granted = [[Double]](repeating: [Double](repeating: 0, count: 25), count: count)
    hungry = [Bool](repeating: true, count: count)
    grants = [Double?](repeating: nil, count: count)
  }

  /// Runs from the beginning to `end`.
  mutating func run(until end: Int64) {
    let none = SimulatedOperation(stream: 0, submitted: 0, bytes: 0, isWrite: false)
    for (index, workload) in workloads.enumerated() {
      for start in workload.starts(until: .max / 2) {
        events.push(SimulatedEvent(time: start, kind: .toggle, index: index, operation: none))
      }
    }
    events.push(SimulatedEvent(time: tick, kind: .tick, index: 0, operation: none))
    proceed(until: end)
  }

  /// Runs on to `end`.
  mutating func proceed(until end: Int64) {
    let none = SimulatedOperation(stream: 0, submitted: 0, bytes: 0, isWrite: false)
    while let event = events.pop() {
      guard event.time < end else {
        events.push(event)
        return
      }
      switch event.kind {
      case .completion: complete(event.operation, at: event.time)
      case .arrival:
        arriving[event.index] = false
        arrive(event.index, at: event.time)
      case .throttle:
        guard throttles[event.index].scheduled == event.time else { continue }
        release(event.index, at: event.time)
      case .toggle: start(event.index, at: event.time)
      case .tick:
        step(at: event.time)
        let next = (event.time / tick + 1) * tick
        let late = tickJitter > 0 ? Int64(random.next() % UInt64(tickJitter)) : 0
        events.push(SimulatedEvent(time: next + late, kind: .tick, index: 0, operation: none))
      }
    }
  }

  // MARK: Workloads

  private mutating func start(_ index: Int, at now: Int64) {
    switch workloads[index].pace {
    case .closed(let depth):
      while running[index] < depth { issue(index, at: now) }
    case .paced, .open:
      nextPaced[index] = now
      if !arriving[index] { arrive(index, at: now) }
    }
  }

  private mutating func arrive(_ index: Int, at now: Int64) {
    guard workloads[index].isActive(at: now) else { return }
    switch workloads[index].pace {
    case .closed: break
    case .paced(let rate):
      guard running[index] == 0 else { return }
      issue(index, at: now)
      nextPaced[index] = max(now - 100_000_000, nextPaced[index]) + Int64((0.5 + random.unit()) / rate * 1e9)
    case .open(let rate):
      issue(index, at: now)
      plan(index, at: now + Int64((0.5 + random.unit()) / rate * 1e9))
    }
  }

  private mutating func plan(_ index: Int, at time: Int64) {
    arriving[index] = true
    let none = SimulatedOperation(stream: 0, submitted: 0, bytes: 0, isWrite: false)
    events.push(SimulatedEvent(time: time, kind: .arrival, index: index, operation: none))
  }

  private mutating func issue(_ index: Int, at now: Int64) {
    running[index] += 1
    let workload = workloads[index]
    let size = workload.sizes.count == 1 ? workload.sizes[0] : workload.sizes.randomElement(using: &random) ?? 4096
    let isWrite = workload.writeShare > 0 && random.unit() < workload.writeShare
    let operation = SimulatedOperation(stream: index, submitted: now, bytes: size, isWrite: isWrite)
    if workload.isVictim { victimSeen = true }
    if throttles[index].admit(operation, at: now) { submit(operation, at: now) } else { planDispatch(index) }
  }

  private mutating func submit(_ operation: SimulatedOperation, at now: Int64) {
    var operation = operation
    if !workloads[operation.stream].isVictim { operation.submitted = now }
    let end = device.submit(operation, at: now)
    events.push(SimulatedEvent(time: end, kind: .completion, index: operation.stream, operation: operation))
  }

  private mutating func planDispatch(_ index: Int) {
    guard let time = throttles[index].scheduled else { return }
    let none = SimulatedOperation(stream: 0, submitted: 0, bytes: 0, isWrite: false)
    events.push(SimulatedEvent(time: time, kind: .throttle, index: index, operation: none))
  }

  private mutating func release(_ index: Int, at now: Int64) {
    var passed: [SimulatedOperation] = []
    throttles[index].dispatch(at: now) { passed.append($0) }
    for operation in passed { submit(operation, at: now) }
    planDispatch(index)
  }

  private mutating func complete(_ operation: SimulatedOperation, at now: Int64) {
    device.complete(operation, at: now)
    let index = operation.stream
    running[index] -= 1
    ended[index] += 1
    if workloads[index].isVictim {
      latencies.append(Latency(end: now, nanoseconds: now - operation.submitted))
    }
    switch workloads[index].pace {
    case .closed(let depth):
      if running[index] < depth, workloads[index].isActive(at: now) { issue(index, at: now) }
    case .paced:
      if !arriving[index] { plan(index, at: max(now, nextPaced[index])) }
    case .open: break
    }
  }

  // MARK: The loop under test

  private mutating func step(at now: Int64) {
    let price = device.price
    let order = governor.step(device.reading(at: now), price: price, point: victimSeen ? point : nil)
    victimSeen = false
    ticks.append(Tick(time: now, order: order, work: governor.signals.work, inFlight: device.held))
    guard isGoverned else { return }
    for index in workloads.indices {
      let before = total(index, price)
      pacers[index].note(time: now, dispatched: throttles[index].dispatched, price: price)
      used[index].removeFirst()
      used[index].append(before)
    }
    share(order, now)
    let steady = order.phase == .cruise || order.phase == .probe || order.phase == .refill
    let held = workloads.indices.filter { !workloads[$0].isVictim }.count
    let period = RatePacer.period(heldBack: held, parameters: pacing)
    for index in workloads.indices where !workloads[index].isVictim {
      let line = pacers[index].line(
        rate: grants[index], time: now, period: period, price: price, limited: order.limited, steady: steady)
      guard let line else { continue }
      throttles[index].set(line, at: now)
      planDispatch(index)
    }
  }

  private func total(_ index: Int, _ price: WorkPrice) -> Double {
    let count = throttles[index].dispatched
    return price.cost(operations: Double(count.read.operations), bytes: Double(count.read.bytes), .read)
      + price.cost(operations: Double(count.write.operations), bytes: Double(count.write.bytes), .write)
  }

  /// Equal shares of what the victims leave, and what one doesn't use goes to the others.
  private mutating func share(_ order: Order, _ now: Int64) {
    guard let rate = order.rate else {
      grants = grants.map { _ in nil }
      return
    }
    let window = Double(tick) * 25 / 1e9
    calmTicks = order.phase == .drain || order.phase == .refill ? 0 : calmTicks + 1
    var left = rate
    var open: [(index: Int, demand: Double)] = []
    for index in workloads.indices {
      let use = max(0, ((used[index].last ?? 0) - (used[index].first ?? 0)) / window)
      if workloads[index].isVictim {
        left -= use
      } else {
        if calmTicks > 25 { hungry[index] = use >= 0.8 * granted[index].reduce(0, +) / 25 }
        open.append((index, hungry[index] ? .infinity : 1.25 * use + 20 * governor.signals.costPerOperation))
      }
    }
    left = max(left, 0.02 * rate)
    open.sort { $0.demand < $1.demand }
    for (position, claim) in open.enumerated() {
      let fair = left / Double(open.count - position)
      let grant = min(claim.demand, fair)
      // Who uses little keeps a fair share as a cap: from a smaller one nobody could tell whether it wants more.
      grants[claim.index] = max(fair, governor.signals.costPerOperation)
      left -= grant
      granted[claim.index].removeFirst()
      granted[claim.index].append(grant)
    }
  }
}

/// Figures from a run.
extension Simulation {
  /// A percentile (0...1) of the victims' latencies that ended in `window`, in milliseconds; nil without any.
  func percentile(_ share: Double, in window: Range<Int64>) -> Double? {
    let values = latencies.filter { window.contains($0.end) }.map(\.nanoseconds).sorted()
    guard !values.isEmpty else { return nil }
    return Double(values[min(values.count - 1, Int(share * Double(values.count)))]) / 1e6
  }

  /// The work done in `window` against what the disk could have done.
  func use(in window: Range<Int64>) -> Double {
    guard let first = ticks.first(where: { $0.time >= window.lowerBound }),
      let last = ticks.last(where: { $0.time < window.upperBound }), last.time > first.time
    else { return 0 }
    var possible = 0.0
    for (before, after) in zip(ticks, ticks.dropFirst()) where before.time >= first.time && after.time <= last.time {
      possible += device.capacity(at: before.time) * Double(after.time - before.time) / 1e9
    }
    return possible > 0 ? (last.work - first.work) / possible : 0
  }

  /// The estimate against the truth at a time.
  func estimate(at time: Int64) -> Double? {
    guard let tick = ticks.last(where: { $0.time <= time }) else { return nil }
    return tick.order.capacity.map { $0 / device.capacity(at: tick.time) }
  }

  /// The autocorrelation of the ordered rate's changes at a lag of so many ticks within `window`.
  func autocorrelation(lag: Int, in window: Range<Int64>) -> Double {
    let rates = ticks.filter { window.contains($0.time) }.map { $0.order.rate ?? 0 }
    guard rates.count > 4 * lag else { return 0 }
    let mean = rates.reduce(0, +) / Double(rates.count)
    let centred = rates.map { $0 - mean }
    let power = centred.reduce(0) { $0 + $1 * $1 }
    guard power > 1e-9 * mean * mean * Double(rates.count) else { return 0 }
    return zip(centred, centred.dropFirst(lag)).reduce(0) { $0 + $1.0 * $1.1 } / power
  }
}
