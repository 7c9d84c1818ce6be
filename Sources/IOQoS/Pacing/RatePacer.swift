/// Turns what one tenant is granted into `io.max` lines that let it through evenly.
///
/// blk-throttle lets a slice of 100 ms through at once and then nothing until the next. A write of `io.max` begins a
/// new slice and carries what was used too much over exactly (block/blk-throttle.c, tg_update_carryover and
/// throtl_start_new_slice), so a line that is written every tick, even if it says the same, makes the tick the size of
/// a burst. Two things come with that:
/// - A slice's whole budget is there at once. So a write lets through what the line before it has earned since, plus
///   a slice's worth of the difference between the two: a cut takes more away than it says, and a rise gives it back
///   in one burst. And it rounds down to whole operations. So each line is computed from the one before it such that a
///   whole number passes, and what that leaves over is kept (a sigma-delta modulator).
/// - Its limits are whole numbers, and a few operations a second are too coarse a step: 5 instead of 4.7 for each of 16
///   tenants is more than the device. So whoever has less than an operation in a slice is paced by bytes, and its line is
///   left alone for longer. Many such tenants that are let go at once, after a drain, would come at once for ever after,
///   so each waits for its first operation for another part of its turn.
/// - It carries nothing over while nothing waits in the throttle, so that each write is a gift of a whole slice to a
///   tenant that keeps all its operations in the device. So a tenant that has had more than its grant and a slice is
///   not written until the throttle holds it.
public struct RatePacer: Sendable {
  /// The constants.
  public struct Parameters: Sendable, Equatable {
    /// The time between writes in nanoseconds: a jiffy or more (spike).
    public var tick: Int64 = 20_000_000
    /// blk-throttle's slice in nanoseconds (HZ/10).
    public var slice: Int64 = 100_000_000
    /// Operations by which a tenant may fall short of its grant before it counts as one that asks for less (simulation).
    public var patience = 6.0
    /// Operations that are to pass between two writes at least; with fewer, rounding down leaves nothing.
    public var fewest = 1.2
    /// How much more than a slice of its grant, in ticks of it, a tenant may have had before writes stop.
    public var overrun = 1.5
    /// Time constant of the integral in seconds; shorter, and rounding closes the loop (spike).
    public var integralTime = 0.4
    /// Bound of the integral in seconds of the grant (spike: 6 %).
    public var integralBound = 0.06
    /// The share of the grant that the direction not in use may take at once.
    public var unusedShare = 0.1
    /// Bytes allowed beyond the mean size, a guard against sizes that grow between two writes.
    public var bytesMargin = 1.25
    /// Time constant in seconds over which the mix of directions and sizes is taken.
    public var mixTime = 1.0
    /// A cut by more than this share isn't kept waiting for the next turn.
    public var urgentCut = 0.1
    /// The least change, as a share, that is written for a tenant that is paced by bytes.
    public var slowChange = 0.01
    /// The time between such writes in nanoseconds.
    public var slowPeriod: Int64 = 500_000_000
    /// The operations that its line lets through beyond the mean, as a factor: a guard against sizes that shrink between
    /// two writes.
    public var slowMargin = 1.25
    /// The same in whole operations.
    public var slowSpare = 2.0
    /// Held-back tenants of one device that are written in one tick (spike).
    public var writesPerTick = 16

    /// The constants as measured.
    public init() {}
  }

  private let parameters: Parameters
  private var mix = PerDirection(read: Work.none, write: Work.none)
  private var lastCount: PerDirection<IOCount>?
  private var lastNote: Int64?
  private var fraction = PerDirection(read: 0.0, write: 0.0)
  /// Seconds in which nothing has passed.
  private var silence = 0.0
  /// Cost beyond the grant, never below 0.
  private var debt = 0.0
  /// What it has lately left unused, in seconds of its grant, never below 0: a grant that is cut doesn't change what was
  /// left of the one before.
  private var shortfall = 0.0
  private var deficit = 0.0
  /// Tenths of a second of operations in the last line: what a slice of it lets through.
  private var sliceBudget = PerDirection(read: 0.0, write: 0.0)
  private var granted: Double?
  private var lastWrite: Int64?
  /// When the slice began that it made, in jiffies' time.
  private var sliceStart: Int64?
  /// The line in force; nil where the kernel's own is.
  private(set) var written: IOMaxLimits?
  /// Operations each second that the lines of a tenant that is held back let through; nil while it isn't.
  private(set) var paces: PerDirection<Double>?
  private var writtenGrant: Double?
  /// Until when a slow tenant's line differs from its pace, so that its turn differs from the others'.
  private var spreadEnd: Int64?
  /// This tenant's place among those of its device, 0 to 1.
  private let place: Double

  /// Begins for a tenant.
  ///
  /// - Parameters:
  ///   - written: what its `io.max` says already; `.none` where it is as the kernel made it.
  ///   - place: its place among those of its device, 0 to 1.
  public init(parameters: Parameters = Parameters(), written: IOMaxLimits = .none, place: Double = 0.5) {
    self.parameters = parameters
    self.place = place
    self.written = written == .none ? nil : written
  }

  /// The time between two writes for each of `count` tenants held back on one device, in nanoseconds; at most 100 ms.
  ///
  /// With many, their bursts come at different times and add up to the same evenness at a bounded number of writes.
  public static func period(heldBack count: Int, parameters: Parameters = Parameters()) -> Int64 {
    let perTick = max(1, parameters.writesPerTick)
    let rounds = Int64(max(1, (min(max(count, 0), 1 << 20) + perTick - 1) / perTick))
    return min(100_000_000, max(1, parameters.tick) * rounds)
  }

  /// Takes what the tenant's `io.stat` counts: what has passed `io.max`.
  public mutating func note(time: Int64, dispatched: PerDirection<IOCount>, price: WorkPrice) {
    defer {
      lastNote = time
      lastCount = dispatched
    }
    guard let before = lastCount, let then = lastNote else { return }
    let (gap, overflow) = time.subtractingReportingOverflow(then)
    guard !overflow, gap > 0, gap <= 1_000_000_000 else { return }
    let seconds = Double(gap) / 1e9
    let kept = parameters.mixTime / (parameters.mixTime + seconds)
    var cost = 0.0
    for direction in [IODirection.read, .write] {
      let old = before[direction]
      let new = dispatched[direction]
      guard new.operations >= old.operations, new.bytes >= old.bytes else { return }
      let operations = min(Double(new.operations - old.operations), 1e10)
      let bytes = min(Double(new.bytes - old.bytes), 1e15)
      cost += price.cost(operations: operations, bytes: bytes, direction)
      mix[direction] = Work(
        operations: mix[direction].operations * kept + operations, bytes: mix[direction].bytes * kept + bytes)
    }
    guard let granted else { return }
    deficit += granted * seconds - cost
    debt = min(max(debt + cost - granted * seconds, 0), 1e18)
    shortfall = min(max(shortfall + seconds - cost / granted, 0), 1)
    // Silence means that the throttle holds it: what it is ahead is carried over from now on.
    let slice = Double(parameters.slice) / 1e9
    silence = cost > 0 ? 0 : min(silence + seconds, slice)
    if silence >= min(slice / 2, 3 / max(operationRate(granted, price), 1e-6)) { debt = min(debt, granted * slice) }
  }

  /// The line to write now, or nil where none is due.
  ///
  /// - Parameters:
  ///   - rate: what the tenant may have from now on in cost per second; nil: it isn't held back.
  ///   - standing: the tenant's own limits, which hold in any case.
  ///   - time: now, in nanoseconds.
  ///   - jiffyTime: the same by the clock that moves once a jiffy: what the line before has earned is counted by it.
  ///   - period: the time between its writes (``period(heldBack:parameters:)``).
  ///   - price: what work costs at present.
  ///   - limited: whether it uses what it is granted; otherwise it is owed nothing.
  ///   - steady: whether the rate is one to be held; the integral rests while a queue is drained.
  public mutating func line(
    rate: Double?, standing: IOMaxLimits = .none, time: Int64, jiffyTime: Int64, period: Int64, price: WorkPrice,
    limited: Bool, steady: Bool
  ) -> IOMaxLimits? {
    guard let rate, rate.isFinite else {
      granted = nil
      sliceBudget = PerDirection(read: 0, write: 0)
      deficit = 0
      debt = 0
      writtenGrant = nil
      paces = nil
      spreadEnd = nil
      guard written != standing, written != nil || standing != .none else { return nil }
      return record(standing, time, jiffyTime)
    }
    let grant = max(rate, 1e-6)
    granted = grant
    let bound = grant * parameters.integralBound + 2 * Self.cost(price, .read, .none)
    deficit = steady ? min(max(deficit, -bound), limited ? bound : min(0, bound)) : 0
    let pace = operationRate(grant, price)
    let wanted = max(period, leastPeriod(pace))
    let slice = Double(parameters.slice) / 1e9
    let ahead = grant * (slice + parameters.overrun * Double(wanted) / 1e9) + 2 * grant / max(pace, 1e-6)
    let escapes = debt > ahead
    let paces = paces(grant, price)
    guard isDue(grant, paces, pace, time, wanted, escapes) else { return nil }
    let spread = spread(pace, before: writtenGrant.map { operationRate($0, price) }, time)
    writtenGrant = grant
    self.paces = paces
    // An operation more or less is most of what a slow tenant may have, and its line is exact.
    let owed = isSlow(pace) ? 0 : deficit / max(1e-3, parameters.integralTime)
    // A few operations that rounding keeps back are no sign of little demand.
    let patience = (Double(wanted) + Double(parameters.slice)) / 1e9 + parameters.patience / max(pace, 1e-6)
    let isHeld = written != nil && !escapes && shortfall < patience
    if !isHeld { shortfall = 0 }
    let since = sliceStart.map { jiffyTime.subtractingReportingOverflow($0).partialValue } ?? wanted
    let earning = min(max(since, 0), 1_000_000_000)
    let line = limits(max(grant + owed, grant / 4) / spread, since: earning, next: wanted, price, isHeld)
      .stricter(standing)
    noteCut(line)
    return record(line, time, jiffyTime)
  }

  /// What the tenant's own limits leave of a line is what the next is computed from.
  private mutating func noteCut(_ line: IOMaxLimits) {
    for direction in IODirection.allCases {
      guard let operations = line.limits[direction].operations else { continue }
      let budget = Double(operations) * Double(parameters.slice) / 1e9 - 0.5
      sliceBudget[direction] = min(sliceBudget[direction], max(budget, 0.5))
    }
  }

  private mutating func record(_ limits: IOMaxLimits, _ time: Int64, _ jiffyTime: Int64) -> IOMaxLimits {
    sliceStart = jiffyTime
    written = limits
    lastWrite = time
    return limits
  }

  private func isDue(
    _ grant: Double, _ paces: PerDirection<Double>, _ pace: Double, _ time: Int64, _ period: Int64, _ escapes: Bool
  ) -> Bool {
    guard let lastWrite, let writtenGrant else { return true }
    let (age, overflow) = time.subtractingReportingOverflow(lastWrite)
    if overflow || age < 0 { return true }
    if let spreadEnd, time >= spreadEnd { return true }
    // The throttle doesn't hold it: left alone for a slice, it does.
    if escapes, age < parameters.slice { return false }
    if grant < writtenGrant * (1 - parameters.urgentCut) { return true }
    // Half a tick early is on time: a tick that comes late must not cost the next its turn.
    if age < period - min(parameters.tick, period) / 2 { return false }
    // Each write would round what a slow tenant has saved up down to nothing.
    guard isSlow(pace), let written = self.paces else { return true }
    let least = age < parameters.slowPeriod ? parameters.urgentCut : parameters.slowChange
    return IODirection.allCases.contains { direction in
      abs(paces[direction] - written[direction]) > least * written[direction]
    }
  }

  /// By how much longer or shorter a slow tenant waits for its first operation after its rate rose, 0.5 to 1.5 times: over
  /// all places that is once each turn.
  private mutating func spread(_ pace: Double, before: Double?, _ time: Int64) -> Double {
    let isRise = before.map { pace > $0 * (1 + parameters.urgentCut) } ?? true
    guard isSlow(pace), isRise, pace > 0.1 else {
      spreadEnd = nil
      return 1
    }
    let factor = 0.5 + place
    spreadEnd = time &+ Int64(factor / pace * 1e9)
    return factor
  }

  /// Whether a slice holds not even one of so many operations a second.
  private func isSlow(_ pace: Double) -> Bool { pace * Double(parameters.slice) / 1e9 < 1 }

  /// The shortest time between writes, in whole ticks up to a slice, in which an operation passes.
  private func leastPeriod(_ pace: Double) -> Int64 {
    let tick = Double(max(parameters.tick, 1_000_000))
    let ticks = (parameters.fewest * 1e9 / max(pace, 1) / tick).rounded(.up)
    return min(parameters.slice, Int64(ticks * tick))
  }

  /// Operations per second that a grant comes to with the present mix.
  private func operationRate(_ grant: Double, _ price: WorkPrice) -> Double {
    let operations = mix.read.operations + mix.write.operations
    let cost = Self.spent(price, .read, mix.read) + Self.spent(price, .write, mix.write)
    return operations > 1e-3 && cost > 1e-9 ? grant * operations / cost : grant / Self.cost(price, .read, .none)
  }

  /// The numbers for a grant in cost per second.
  private mutating func limits(
    _ grant: Double, since: Int64, next: Int64, _ price: WorkPrice, _ isHeld: Bool
  ) -> IOMaxLimits {
    let isSlow = isSlow(operationRate(grant, price))
    let paces = paces(grant, price)
    let read = limit(.read, paces.read, since: since, next: next, isHeld: isHeld, isSlow: isSlow)
    let write = limit(.write, paces.write, since: since, next: next, isHeld: isHeld, isSlow: isSlow)
    return IOMaxLimits(PerDirection(read: read, write: write))
  }

  private mutating func limit(
    _ direction: IODirection, _ pace: Double, since: Int64, next: Int64, isHeld: Bool, isSlow: Bool
  ) -> IOMaxLimits.Direction {
    let work = mix[direction]
    let isUsed = work.operations > 0 || mix.read.operations + mix.write.operations <= 0
    let operations = operations(
      direction, pace, since: since, next: next, isHeld: isHeld && isUsed, isSlow: isSlow)
    guard work.operations >= 1, work.bytes > 0 else { return .init(operations: Self.number(operations)) }
    let size = work.bytes / work.operations
    if isSlow {
      let spare = (parameters.slowMargin * pace).rounded(.up) + parameters.slowSpare
      return .init(operations: Self.number(spare), bytes: Self.number(max(pace * size, 512)))
    }
    let bytes = max(operations, pace) * size * parameters.bytesMargin
    return .init(operations: Self.number(operations), bytes: Self.number(max(bytes, 4096)))
  }

  /// The operations per second that are to pass in each direction.
  private func paces(_ grant: Double, _ price: WorkPrice) -> PerDirection<Double> {
    let all = Self.spent(price, .read, mix.read) + Self.spent(price, .write, mix.write)
    func pace(_ direction: IODirection) -> Double {
      let work = mix[direction]
      let share = all > 0 ? Self.spent(price, direction, work) / all : 0.5
      return min(grant * max(share, parameters.unusedShare) / Self.cost(price, direction, work), 1e12)
    }
    return PerDirection(read: pace(.read), write: pace(.write))
  }

  /// The operations per second to write so that `pace` of them pass until the next write.
  private mutating func operations(
    _ direction: IODirection, _ pace: Double, since: Int64, next: Int64, isHeld: Bool, isSlow: Bool
  ) -> Double {
    let slice = max(1e-3, Double(parameters.slice) / 1e9)
    guard !isSlow else {
      sliceBudget[direction] = 0.5
      return pace
    }
    let seconds = Double(since) / 1e9
    let wanted = pace * slice
    var budget = wanted.rounded(.down)
    let before = sliceBudget[direction]
    if before > 0 {
      // What should have passed since then. After a tick that was left out it isn't made up for in one burst.
      let due = pace * Double(min(since, 2 * next)) / 1e9 + fraction[direction]
      let passing = due.rounded(.down)
      fraction[direction] = isHeld ? due - passing : 0
      let earned = ((before + 0.5) / slice * seconds + 1e-9).rounded(.down)
      // Up to where a line earns an operation until the next write: below that, rounding leaves it none for ever.
      let most = max(2 * wanted + 2, slice / max(seconds, 1e-3) + 1)
      let following = min(max(before + passing - earned, 0), most)
      // Whom the throttle doesn't hold is cut at once, but not given a slice of the rise at once.
      budget = isHeld ? following : min(max(budget, 1), following)
    }
    sliceBudget[direction] = max(budget, 0.5)
    return (budget + 0.5) / slice
  }

  private static func spent(_ price: WorkPrice, _ direction: IODirection, _ work: Work) -> Double {
    price.cost(operations: work.operations, bytes: work.bytes, direction)
  }

  /// The mean cost of an operation of `work`, or of 4 KiB where there is none; never 0.
  private static func cost(_ price: WorkPrice, _ direction: IODirection, _ work: Work) -> Double {
    let mean =
      work.operations > 1e-3
      ? price.cost(operations: 1, bytes: work.bytes / work.operations, direction)
      : price.cost(operations: 1, bytes: 4096, direction)
    return mean > 1e-9 ? mean : 1
  }

  /// A number that the kernel takes: it refuses 0, and cuts operations off at 2³² - 1.
  private static func number(_ value: Double) -> UInt64 {
    guard value.isFinite else { return 4_294_967_294 }
    return UInt64(min(max(value.rounded(), 1), 1e15))
  }
}
