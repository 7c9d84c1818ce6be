import IOQoS

/// Groups, a throttle for each, one disk, and its scheduler, in virtual time.
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
  var scheduler: IOScheduler
  /// False: nothing is held back.
  var isGoverned = true
  /// A tick comes late by up to this.
  var tickJitter: Int64 = 1_000_000

  private(set) var ticks: [Tick] = []
  private(set) var latencies: [Latency] = []
  /// Operations that ended, by workload.
  private(set) var ended: [Int]
  /// What ended, in nanoseconds of device time, by workload and tenth of a second.
  private(set) var done: [[Double]]
  private(set) var throttles: [SimulatedThrottle]
  /// Lines of `io.max` that were written.
  private(set) var written = 0

  let price: WorkPrice
  private var events = EventQueue()
  private var writes: [IOScheduler.Write] = []
  private var running: [Int]
  private var nextPaced: [Int64]
  private var arriving: [Bool]
  private var random: SplitMix64

  /// One tenth of a second.
  static let bin: Int64 = 100_000_000

  /// - Parameter model: the disk's calibration; `nil` where it has none.
  init(device: SimulatedDevice, model: DeviceModel?, workloads: [SimulatedWorkload], seed: UInt64) {
    self.device = device
    self.workloads = workloads
    price = device.price
    scheduler = IOScheduler(model: model)
    random = SplitMix64(seed: seed ^ 0xA5A5_5A5A)
    let count = workloads.count
    ended = [Int](repeating: 0, count: count)
    done = [[Double]](repeating: [], count: count)
    throttles = [SimulatedThrottle](repeating: SimulatedThrottle(), count: count)
    running = [Int](repeating: 0, count: count)
    nextPaced = [Int64](repeating: 0, count: count)
    arriving = [Bool](repeating: false, count: count)
    for workload in workloads where !workload.isUnheld {
      let standing = IOMaxLimits(workload.promise)
      let slot = scheduler.begin(workload.promise, written: standing)
      if standing != .none { throttles[slot].set(standing, at: 0) }
    }
  }

  /// Runs from the beginning to `end`.
  mutating func run(until end: Int64) {
    let none = SimulatedOperation(stream: 0, submitted: 0, bytes: 0, isWrite: false)
    for (index, workload) in workloads.enumerated() {
      for start in workload.starts(until: .max / 2) {
        events.push(SimulatedEvent(time: start, kind: .toggle, index: index, operation: none))
      }
    }
    events.push(SimulatedEvent(time: scheduler.times.tick, kind: .tick, index: 0, operation: none))
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
        // In the middle between two jiffies, as the daemon does.
        let middle = SimulatedThrottle.jiffy / 2
        let interval = scheduler.interval
        let next = ((event.time - middle) / interval + 1) * interval + middle
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
    if throttles[index].admit(operation, at: now) { submit(operation, at: now) } else { planDispatch(index) }
  }

  private mutating func submit(_ operation: SimulatedOperation, at now: Int64) {
    var operation = operation
    let end = device.submit(&operation, at: now)
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
    note(operation, at: now)
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

  private mutating func note(_ operation: SimulatedOperation, at now: Int64) {
    let index = operation.stream
    let bin = Int(now / Self.bin)
    while done[index].count <= bin { done[index].append(0) }
    done[index][bin] += price.cost(
      operations: 1, bytes: Double(operation.bytes), operation.isWrite ? .write : .read)
  }

  // MARK: The loop under test

  /// As the daemon does it: reads those who are due and nobody else, decides, and writes what it is told.
  private mutating func step(at now: Int64) {
    guard isGoverned else { return }
    for slot in scheduler.due(at: now) { scheduler.note(slot, dispatched: throttles[slot].dispatched, at: now) }
    scheduler.decide(device.reading(at: now), into: &writes)
    let order = scheduler.order
    ticks.append(Tick(time: now, order: order, work: scheduler.signals.work, inFlight: device.held))
    for write in writes { set(write, at: now) }
  }

  private mutating func set(_ write: IOScheduler.Write, at now: Int64) {
    written += 1
    throttles[write.slot].set(write.limits, at: now)
    planDispatch(write.slot)
  }

  /// Stops the scheduler, as a daemon does that ends: the lines that it leaves stay in force.
  mutating func stop(at now: Int64) {
    for write in scheduler.standingLimits() { set(write, at: now) }
    isGoverned = false
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

  /// Device time that a workload used in `window`, in nanoseconds each second.
  func rate(_ workload: Int, in window: Range<Int64>) -> Double {
    let bins = Int(window.lowerBound / Self.bin)..<Int(window.upperBound / Self.bin)
    let sum = bins.reduce(0) { $0 + (done[workload].indices.contains($1) ? done[workload][$1] : 0) }
    return sum / (Double(bins.count * Int(Self.bin)) / 1e9)
  }

  /// What one operation costs at nominal speed.
  func cost(of bytes: Int, isWrite: Bool) -> Double {
    price.cost(operations: 1, bytes: Double(bytes), isWrite ? .write : .read)
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
