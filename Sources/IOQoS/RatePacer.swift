/// Turns what one tenant is granted into `io.max` lines that let it through evenly.
///
/// blk-throttle lets a slice of 100 ms through at once and then nothing until the next. A write of `io.max` begins a
/// new slice and carries what was used too much over exactly (block/blk-throttle.c, tg_update_carryover and
/// throtl_start_new_slice), so a line that is written every tick, even if it says the same, makes the tick the size of
/// a burst. It also rounds down to whole operations at each write; half an operation is fed forward for that and an
/// integral takes care of the rest.
public struct RatePacer: Sendable {
  /// The constants.
  public struct Parameters: Sendable, Equatable {
    /// The time between writes in nanoseconds: five jiffies at HZ=250, at least two at any HZ (spike).
    public var tick: Int64 = 20_000_000
    /// Operations that rounding down loses with each write (spike: 0.45).
    public var lostPerWrite = 0.45
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
    /// Held-back tenants of one device that are written in one tick (spike).
    public var writesPerTick = 16

    /// The constants as measured.
    public init() {}
  }

  private let parameters: Parameters
  private var mix = PerDirection(read: Work.none, write: Work.none)
  private var lastCount: PerDirection<IOCount>?
  private var lastNote: Int64?
  private var spent = 0.0
  private var deficit = 0.0
  private var granted: Double?
  private var lastWrite: Int64?
  private var written: IOMaxLimits?
  private var writtenGrant: Double?

  /// Begins for a tenant whose `io.max` is as the kernel made it.
  public init(parameters: Parameters = Parameters()) { self.parameters = parameters }

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
    spent += cost
    if let granted, seconds > 0 { deficit += granted * seconds - cost }
  }

  /// The line to write now, or nil where none is due.
  ///
  /// - Parameters:
  ///   - rate: what the tenant may have from now on in cost per second; nil: it isn't held back.
  ///   - standing: the tenant's own limits, which hold in any case.
  ///   - time: now, in nanoseconds.
  ///   - period: the time between its writes (``period(heldBack:parameters:)``).
  ///   - price: what work costs at present.
  ///   - limited: whether it uses what it is granted; otherwise it is owed nothing.
  ///   - steady: whether the governor cruises or probes; the integral rests otherwise.
  public mutating func line(
    rate: Double?, standing: IOMaxLimits = .none, time: Int64, period: Int64, price: WorkPrice, limited: Bool,
    steady: Bool
  ) -> IOMaxLimits? {
    guard let rate, rate.isFinite else {
      granted = nil
      deficit = 0
      writtenGrant = nil
      guard written != standing, written != nil || standing != .none else { return nil }
      return record(standing, time)
    }
    let grant = max(rate, 1e-6)
    granted = grant
    let bound = grant * parameters.integralBound + Self.cost(price, .read, Work.none)
    deficit = steady ? min(max(deficit, -bound), limited ? bound : min(0, bound)) : 0
    guard isDue(grant, time, period) else { return nil }
    writtenGrant = grant
    let owed = deficit / max(1e-3, parameters.integralTime)
    return record(limits(max(grant + owed, grant / 4), period, price).stricter(standing), time)
  }

  private mutating func record(_ limits: IOMaxLimits, _ time: Int64) -> IOMaxLimits {
    written = limits
    lastWrite = time
    return limits
  }

  private func isDue(_ grant: Double, _ time: Int64, _ period: Int64) -> Bool {
    guard let lastWrite, let writtenGrant else { return true }
    if grant < writtenGrant * (1 - parameters.urgentCut) { return true }
    let (age, overflow) = time.subtractingReportingOverflow(lastWrite)
    // Half a tick early is on time: a tick that comes late must not cost the next its turn.
    return overflow || age < 0 || age >= period - min(parameters.tick, period) / 2
  }

  /// The numbers for a grant in cost per second.
  private func limits(_ grant: Double, _ period: Int64, _ price: WorkPrice) -> IOMaxLimits {
    let reads = Self.spent(price, .read, mix.read)
    let writes = Self.spent(price, .write, mix.write)
    let all = reads + writes
    let turns = 1e9 / Double(max(period, 1_000_000))
    func direction(_ direction: IODirection, _ used: Double) -> IOMaxLimits.Direction {
      let share = all > 0 ? used / all : 0.5
      let granted = grant * max(share, parameters.unusedShare)
      let each = Self.cost(price, direction, mix[direction])
      let operations = granted / each + (share > 0 ? parameters.lostPerWrite * turns : 0)
      let work = mix[direction]
      guard work.operations >= 1, work.bytes > 0 else {
        return .init(operations: Self.number(operations))
      }
      let bytes = granted / each * (work.bytes / work.operations) * parameters.bytesMargin
      return .init(operations: Self.number(operations), bytes: Self.number(max(bytes, 4096)))
    }
    return IOMaxLimits(PerDirection(read: direction(.read, reads), write: direction(.write, writes)))
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
    return UInt64(min(max(value.rounded(), 2), 1e15))
  }
}
