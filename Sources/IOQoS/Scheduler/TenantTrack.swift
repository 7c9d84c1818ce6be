/// What the scheduler remembers of one tenant on one device.
struct TenantTrack: Sendable {
  let promise: Promise
  /// The tenant's own limits, as `io.max` can say them.
  let standing: IOMaxLimits
  var pacer: RatePacer
  var history = UseHistory()
  var mix = IOMix.assumed
  /// Whether it would use more than it has.
  var isHungry: Bool { pressure.isHungry }
  var share = DeviceShares.Share.released
  var lastActive: Int64?
  var lastNote: Int64?
  /// The cap that stands in its `io.max` while it isn't held back, in cost each second.
  var writtenCap: Double?
  /// What it would use if it had it, in cost each second; nil where it uses less than it has.
  private var wanted: Double?
  /// What it brings to the division, as of the last counters: nothing else changes it.
  private(set) var contender: DeviceShares.Contender
  private var pressure = ThrottlePressure()
  private static let growth = 4.0
  private var recent = PerDirection(read: Work.none, write: Work.none)

  /// Over which time a tenant's use is measured before it is said to want less than it has.
  static let window: Int64 = 500_000_000
  private static let mixTime = 1.0

  init(
    _ promise: Promise, cost: CostModel, standing: IOMaxLimits, written: IOMaxLimits, pacing: RatePacer.Parameters,
    place: Double = 0.5
  ) {
    self.promise = promise
    self.standing = standing
    pacer = RatePacer(parameters: pacing, written: written, place: place)
    contender = TenantUse(promise, work: PerDirection(read: .none, write: .none)).contender(by: cost)
  }

  /// What it did lately, and is thought to want.
  var use: TenantUse {
    var use = TenantUse(promise, work: history.rates(over: Self.window), mix: mix)
    use.leastDemand = wanted ?? 0
    return use
  }

  /// Takes what `io.stat` counts.
  ///
  /// - Parameter calm: whether nobody's rate has been cut short for a while, so that using little says something.
  /// - Returns: the cost of what was added since the last time; 0 where that is unknown.
  mutating func note(
    _ count: PerDirection<IOCount>, at time: Int64, cost model: CostModel, price: WorkPrice, calm: Bool
  ) -> Double {
    defer { contender = use.contender(by: model) }
    pacer.note(time: time, dispatched: count, price: price)
    let seconds = lastNote.map { Double(time &- $0) / 1e9 } ?? 0
    lastNote = time
    let before = history.newest?.cost ?? 0
    // What it did before anybody looked may be under way.
    if lastActive == nil, count.read.operations > 0 || count.write.operations > 0 { lastActive = time }
    guard let added = history.note(count, at: time, price: price), seconds > 0 else { return 0 }
    let cost = (history.newest?.cost ?? 0) - before
    noteMix(added, seconds)
    if added.read.operations + added.write.operations > 0 { lastActive = time }
    if let written = pacer.written {
      let bounds =
        pacer.paces.map { ThrottlePressure.Bounds(paces: $0, within: written) } ?? .init(standing: written)
      pressure.note(added, size: mix.size, bounds, seconds, calm: calm)
      noteWant()
    } else {
      pressure.reset()
      wanted = nil
    }
    return cost
  }

  /// Who takes all that it has is thought to want a few times as much: a light burst soon shows that it was less, and a
  /// heavy one reaches any share in a few steps.
  private mutating func noteWant() {
    guard isHungry else {
      wanted = nil
      return
    }
    guard pressure.isPressing || wanted == nil, let bound else { return }
    wanted = max(wanted ?? 0, Self.growth * bound)
  }

  /// What it has at present, in cost each second; nil where nothing bounds it.
  private var bound: Double? {
    switch share {
    case .released: nil
    case .standing(let cap): writtenCap ?? cap
    case .held(let rate, _): rate
    }
  }

  /// Whether it did anything lately.
  func isActive(at time: Int64, within patience: Int64) -> Bool {
    lastActive.map { time &- $0 <= patience } ?? false
  }

  /// What a tick is for every tenant's line, in ``RatePacer``'s terms.
  struct Tick {
    var time: Int64
    var jiffyTime: Int64
    var period: Int64
    var price: WorkPrice
    var isSteady: Bool
    /// The most that a standing cap may be, in cost each second.
    var burst: Double
  }

  /// The line to write now, or nil where none is due.
  mutating func line(_ tick: Tick, _ lines: StandingLines) -> IOMaxLimits? {
    var standing = standing
    var rate: Double?
    switch share {
    case .released: writtenCap = nil
    case .held(let held, _):
      rate = held
      writtenCap = nil
    case .standing(let cap):
      // Who has a target is not to wait for its own bursts.
      let most = promise.targets.isEmpty ? tick.burst : .infinity
      let cap = max(min(cap, most), 2 * history.used(over: Self.window))
      // Only real changes: a cap need not be exact.
      let known = writtenCap ?? .infinity
      let kept = cap < 0.8 * known || cap > 1.25 * known ? cap : known
      writtenCap = kept
      // io.max has no limit for both directions together, so what is to hold one is divided between them.
      let isDivided = !promise.limit.together.isEmpty
      standing = (isDivided ? lines.fixed(kept, mix) : lines.cap(kept, mix)).stricter(standing)
    }
    return pacer.line(
      rate: rate, standing: standing, time: tick.time, jiffyTime: tick.jiffyTime, period: tick.period,
      price: tick.price,
      limited: isHungry, steady: tick.isSteady)
  }

  private mutating func noteMix(_ added: PerDirection<Work>, _ seconds: Double) {
    let kept = Self.mixTime / (Self.mixTime + seconds)
    for direction in IODirection.allCases {
      recent[direction] = Work(
        operations: recent[direction].operations * kept + added[direction].operations,
        bytes: recent[direction].bytes * kept + added[direction].bytes)
    }
    if recent.read.operations + recent.write.operations >= 1, let now = IOMix(recent) { mix = now }
  }
}

extension IOMaxLimits {
  /// A promise's own limits.
  public init(_ promise: Promise) { self.init(promise.limit) }

  /// The limits that `io.max` can hold. It has none for both directions together, so each direction gets the whole of
  /// such a limit, and the division of the device holds the sum.
  init(_ rates: PromisedRates) {
    func least(_ values: Double?...) -> UInt64? {
      // The kernel takes no limit below 2.
      values.compactMap { $0 }.min().map { max(2, $0.rounded(.down).wholeUnsigned) }
    }
    func direction(_ rate: PromisedRate) -> Direction {
      Direction(
        operations: least(rate.operations, rates.together.operations),
        bytes: least(rate.bytes, rates.together.bytes))
    }
    self.init(PerDirection(read: direction(rates.read), write: direction(rates.write)))
  }
}
