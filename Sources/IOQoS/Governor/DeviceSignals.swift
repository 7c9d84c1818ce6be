/// What the last second of readings says about a device: rates, latency, and how much waits in it.
///
/// All windows are cut from one ring of fixed size, which a step neither grows nor copies.
public struct DeviceSignals: Sendable {
  /// What became of a reading.
  public enum Outcome: Sendable, Equatable {
    /// It extends the windows.
    case accepted
    /// Its clock stood still or went back by less than a window: it was ignored.
    case ignored
    /// It follows a gap of more than a second or its counters went back: the windows begin anew with it.
    case restarted
  }

  /// When the last accepted reading was taken, in nanoseconds.
  public var time: Int64 { newest.time }
  /// Seconds between the last two accepted readings; 0 after a restart.
  public private(set) var elapsed = 0.0
  /// Completed operations per second over the last 100 ms (λ).
  public private(set) var completionRate = 0.0
  /// The mean latency of what completed in the last three steps, in nanoseconds; nil where nothing did.
  public private(set) var meanLatency: Double?
  /// The mean number of operations in flight over the last 32 ms: the sum of their latencies by that time.
  public private(set) var meanInFlight = 0.0
  /// Operations in flight at the last reading.
  public private(set) var inFlight = 0.0
  /// The mean cost of an operation over the last second; the last one known while nothing completes. Never 0.
  public private(set) var costPerOperation = 1.0
  /// When an operation last completed, in nanoseconds.
  public private(set) var lastCompletion: Int64 = 0
  /// The cost of all work seen so far.
  public var work: Double { newest.work }

  private struct Sample {
    var time: Int64 = 0
    var operations = 0.0
    var work = 0.0
    var latency = 0.0
  }

  private static let size = 256
  private static let second: Int64 = 1_000_000_000
  private static let meanWindow: Int64 = 32_000_000
  private var ring = [Sample](repeating: Sample(), count: DeviceSignals.size)
  private var head = 0
  private var count = 0
  private var last: DeviceReading?

  /// Begins with no reading.
  public init() {}

  private var newest: Sample { ring[head] }

  /// The sample `steps` before the newest.
  private func sample(before steps: Int) -> Sample { ring[(head &- steps) & (Self.size - 1)] }

  /// Takes the next reading, its work priced at `price`.
  public mutating func note(_ reading: DeviceReading, price: WorkPrice) -> Outcome {
    guard let last else {
      restart(reading, price)
      return .restarted
    }
    let (gap, overflow) = reading.time.subtractingReportingOverflow(last.time)
    if overflow || gap > Self.second || gap < -Self.second {
      restart(reading, price)
      return .restarted
    }
    if gap <= 0 { return .ignored }
    guard let step = Step(from: last, to: reading, price: price) else {
      restart(reading, price)
      return .restarted
    }
    let before = newest
    head = (head + 1) & (Self.size - 1)
    count = min(count + 1, Self.size)
    ring[head] = Sample(
      time: reading.time, operations: before.operations + step.operations, work: before.work + step.work,
      latency: before.latency + step.latency)
    self.last = reading
    elapsed = Double(gap) / 1e9
    inFlight = Double(max(0, min(reading.inFlight, 1 << 24)))
    if step.operations > 0 { lastCompletion = reading.time }
    refresh()
    return .accepted
  }

  /// Cost that completed per second over the last `window` nanoseconds, or since the beginning if that is shorter.
  public func delivered(over window: Int64) -> Double {
    let old = sample(atLeast: window)
    let span = Double(newest.time &- old.time) / 1e9
    return span > 0 ? (newest.work - old.work) / span : 0
  }

  /// Operations that completed in the last `window` nanoseconds.
  public func operations(over window: Int64) -> Double { newest.operations - sample(atLeast: window).operations }

  /// The newest sample that is at least `age` nanoseconds old, or the oldest kept.
  private func sample(atLeast age: Int64) -> Sample {
    guard count > 1 else { return newest }
    var young = 0
    var old = count - 1
    if newest.time &- sample(before: old).time <= age { return sample(before: old) }
    while old - young > 1 {
      let middle = (young + old) / 2
      if newest.time &- sample(before: middle).time >= age { old = middle } else { young = middle }
    }
    return sample(before: old)
  }

  private mutating func refresh() {
    let short = sample(atLeast: Self.second / 10)
    let span = Double(newest.time &- short.time) / 1e9
    completionRate = span > 0 ? (newest.operations - short.operations) / span : 0
    let recent = sample(before: min(3, count - 1))
    let completions = newest.operations - recent.operations
    meanLatency = completions > 0 ? (newest.latency - recent.latency) / completions : nil
    let some = sample(atLeast: Self.meanWindow)
    let lasted = Double(newest.time &- some.time)
    meanInFlight = lasted > 0 ? (newest.latency - some.latency) / lasted : inFlight
    let long = sample(atLeast: Self.second)
    let many = newest.operations - long.operations
    let cost = newest.work - long.work
    if many > 0, cost > 0 { costPerOperation = max(1e-9, cost / many) }
  }

  private mutating func restart(_ reading: DeviceReading, _ price: WorkPrice) {
    if last == nil {
      let first = price.cost(operations: 1, bytes: 4096, .read)
      if first > 0 { costPerOperation = first }
    }
    last = reading
    head = 0
    count = 1
    ring[0] = Sample(time: reading.time)
    elapsed = 0
    completionRate = 0
    meanLatency = nil
    meanInFlight = 0
    inFlight = Double(max(0, min(reading.inFlight, 1 << 24)))
    lastCompletion = reading.time
  }
}

/// What happened between two readings; nil where a counter went back.
private struct Step {
  var operations = 0.0
  var work = 0.0
  var latency = 0.0

  /// More than any device completes between two readings; what exceeds it is a reading gone wrong.
  private static let most = (operations: 1e10, bytes: 1e15)

  init?(from old: DeviceReading, to new: DeviceReading, price: WorkPrice) {
    var done = PerDirection(read: Work.none, write: Work.none)
    for direction in [IODirection.read, .write] {
      let before = old.completed[direction]
      let after = new.completed[direction]
      guard after.operations >= before.operations, after.bytes >= before.bytes else { return nil }
      let count = Double(after.operations - before.operations)
      let bytes = Double(after.bytes - before.bytes)
      guard count <= Self.most.operations, bytes <= Self.most.bytes else { return nil }
      operations += count
      done[direction] = Work(operations: count, bytes: bytes)
    }
    work = price.cost(of: done)
    let (sum, overflow) = new.latencySum.subtractingReportingOverflow(old.latencySum)
    guard !overflow, sum >= 0 else { return nil }
    latency = Double(sum)
  }
}
