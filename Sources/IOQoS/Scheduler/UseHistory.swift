/// What one tenant has dispatched, over the last half second or so.
///
/// Readings may come at any distance; those closer than a few milliseconds to the one before replace it, so that the
/// ring of fixed size reaches far enough.
struct UseHistory: Sendable {
  struct Sample: Sendable {
    var time: Int64
    var count: PerDirection<IOCount>
    var cost: Double
  }

  private static let size = 32
  private static let spacing: Int64 = 18_000_000
  /// After an hour without a reading nothing before it says anything.
  private static let longestGap: Int64 = 3_600_000_000_000
  private var ring: [Sample] = []
  private var head = 0
  private(set) var newest: Sample?

  /// Takes the counters, and answers what was added since the reading before: nothing where that is unknown.
  ///
  /// Counters that went back, a clock that did, or a gap of an hour begin the history anew.
  mutating func note(_ count: PerDirection<IOCount>, at time: Int64, price: WorkPrice) -> PerDirection<Work>? {
    guard let last = newest, time > last.time, time &- last.time > 0, time &- last.time <= Self.longestGap,
      let added = Self.difference(last.count, count)
    else {
      if let last = newest, time == last.time { return nil }
      let first = Sample(time: time, count: count, cost: 0)
      newest = first
      ring = [first]
      head = 0
      return nil
    }
    var cost = last.cost
    for direction in IODirection.allCases {
      cost += price.cost(operations: added[direction].operations, bytes: added[direction].bytes, direction)
    }
    let sample = Sample(time: time, count: count, cost: cost)
    newest = sample
    if time &- ring[head].time >= Self.spacing { append(sample) }
    return added
  }

  /// Device time each second that was used over the last `window` nanoseconds, or since the first reading.
  func used(over window: Int64) -> Double {
    guard let newest, let old = sample(atLeast: window) else { return 0 }
    let span = Double(newest.time &- old.time) / 1e9
    return span > 0 ? max(0, newest.cost - old.cost) / span : 0
  }

  /// Operations and bytes each second over the last `window` nanoseconds.
  func rates(over window: Int64) -> PerDirection<Work> {
    guard let newest, let old = sample(atLeast: window), newest.time > old.time,
      let added = Self.difference(old.count, newest.count)
    else { return PerDirection(read: .none, write: .none) }
    let span = Double(newest.time &- old.time) / 1e9
    func rate(_ work: Work) -> Work { Work(operations: work.operations / span, bytes: work.bytes / span) }
    return PerDirection(read: rate(added.read), write: rate(added.write))
  }

  /// The youngest sample that is at least `age` old, or the oldest.
  private func sample(atLeast age: Int64) -> Sample? {
    guard let newest, !ring.isEmpty else { return nil }
    var found = ring[head]
    for step in 0..<ring.count {
      found = ring[(head - step + ring.count) % ring.count]
      if newest.time &- found.time >= age { return found }
    }
    return found
  }

  private mutating func append(_ sample: Sample) {
    if ring.count < Self.size {
      ring.append(sample)
      head = ring.count - 1
    } else {
      head = (head + 1) % Self.size
      ring[head] = sample
    }
  }

  private static func difference(_ old: PerDirection<IOCount>, _ new: PerDirection<IOCount>) -> PerDirection<Work>? {
    func added(_ direction: IODirection) -> Work? {
      let (before, after) = (old[direction], new[direction])
      guard after.operations >= before.operations, after.bytes >= before.bytes else { return nil }
      return Work(
        operations: Double(after.operations - before.operations), bytes: Double(after.bytes - before.bytes))
    }
    guard let read = added(.read), let write = added(.write) else { return nil }
    return PerDirection(read: read, write: write)
  }
}
