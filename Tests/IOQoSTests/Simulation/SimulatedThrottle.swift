import IOQoS

/// blk-throttle as Linux 6.12 has it, for one group on one device (block/blk-throttle.c): slices of 100 ms that let
/// all of their budget through at once, rounding down to whole operations, and what a write of `io.max` carries over.
struct SimulatedThrottle {
  private static let hz: Int64 = 250
  private static let slice: Int64 = 25
  static let jiffy: Int64 = 4_000_000

  private struct Lane {
    var limit = IOMaxLimits.Direction()
    var queue: [SimulatedOperation] = []
    var first = 0
    var start: Int64 = 0
    var end: Int64 = 0
    var operations: Int64 = 0
    var bytes: Int64 = 0
    var carriedOperations: Int64 = 0
    var carriedBytes: Int64 = 0
    var waiting: Int { queue.count - first }
  }
  private var lanes = [Lane(), Lane()]
  private(set) var dispatched = PerDirection(read: IOCount.zero, write: IOCount.zero)
  /// The time for which the next dispatch is scheduled; what was scheduled for another time is void.
  private(set) var scheduled: Int64?

  /// Whether an operation passes at once; otherwise it is queued.
  mutating func admit(_ operation: SimulatedOperation, at now: Int64) -> Bool {
    let index = operation.isWrite ? 1 : 0
    let jiffies = now / Self.jiffy
    if lanes[index].waiting == 0, wait(index, operation, jiffies) == 0 {
      charge(index, operation)
      trim(index, jiffies)
      return true
    }
    lanes[index].queue.append(operation)
    if scheduled == nil { schedule(jiffies) }
    return false
  }

  /// Writes `io.max`.
  mutating func set(_ limits: IOMaxLimits, at now: Int64) {
    let jiffies = now / Self.jiffy
    for index in 0...1 {
      let elapsed = jiffies - lanes[index].start
      let lane = lanes[index]
      if lane.waiting > 0 {
        if let limit = lane.limit.operations {
          lanes[index].carriedOperations += Int64(limit) * elapsed / Self.hz - lane.operations
        }
        if let limit = lane.limit.bytes { lanes[index].carriedBytes += Int64(limit) * elapsed / Self.hz - lane.bytes }
      }
      lanes[index].limit = index == 0 ? limits.limits.read : limits.limits.write
      begin(index, jiffies)
    }
    if lanes[0].waiting + lanes[1].waiting > 0 { schedule(jiffies) }
  }

  /// Lets through what may pass now.
  mutating func dispatch(at now: Int64, _ pass: (SimulatedOperation) -> Void) {
    let jiffies = now / Self.jiffy
    for index in 0...1 {
      while lanes[index].waiting > 0 {
        let operation = lanes[index].queue[lanes[index].first]
        guard wait(index, operation, jiffies) == 0 else { break }
        lanes[index].first += 1
        charge(index, operation)
        trim(index, jiffies)
        pass(operation)
      }
      if lanes[index].first > 256 {
        lanes[index].queue.removeFirst(lanes[index].first)
        lanes[index].first = 0
      }
    }
    schedule(jiffies)
  }

  private mutating func schedule(_ jiffies: Int64) {
    var least: Int64?
    for index in 0...1 where lanes[index].waiting > 0 {
      let time = wait(index, lanes[index].queue[lanes[index].first], jiffies)
      least = min(least ?? time, time)
    }
    // A timer fires at a jiffy's edge, the next one at the earliest.
    scheduled = least.map { (jiffies + max(1, $0)) * Self.jiffy }
  }

  private mutating func begin(_ index: Int, _ jiffies: Int64) {
    lanes[index].operations = 0
    lanes[index].bytes = 0
    lanes[index].start = jiffies
    lanes[index].end = jiffies + Self.slice
  }

  /// Jiffies until `operation` may pass.
  private mutating func wait(_ index: Int, _ operation: SimulatedOperation, _ jiffies: Int64) -> Int64 {
    if lanes[index].limit.operations == nil, lanes[index].limit.bytes == nil { return 0 }
    if jiffies > lanes[index].end, lanes[index].waiting == 0 {
      lanes[index].carriedOperations = 0
      lanes[index].carriedBytes = 0
      begin(index, jiffies)
    } else if lanes[index].end < jiffies + Self.slice {
      lanes[index].end = jiffies + Self.slice
    }
    let lane = lanes[index]
    let elapsed = jiffies - lane.start
    let rounded = (elapsed + 1 + Self.slice - 1) / Self.slice * Self.slice
    var longest: Int64 = 0
    if let limit = lane.limit.bytes {
      let extra = lane.bytes + Int64(operation.bytes) - Int64(limit) * rounded / Self.hz - lane.carriedBytes
      if extra > 0 { longest = max(1, extra * Self.hz / Int64(limit)) + rounded - elapsed }
    }
    if let limit = lane.limit.operations {
      if lane.operations + 1 > Int64(limit) * rounded / Self.hz + lane.carriedOperations {
        longest = max(longest, rounded - elapsed)
      }
    }
    if lane.end < jiffies + longest { lanes[index].end = jiffies + longest }
    return longest
  }

  private mutating func charge(_ index: Int, _ operation: SimulatedOperation) {
    lanes[index].operations += 1
    lanes[index].bytes += Int64(operation.bytes)
    let direction = operation.isWrite ? IODirection.write : .read
    dispatched[direction].operations += 1
    dispatched[direction].bytes += UInt64(operation.bytes)
  }

  /// throtl_trim_slice: forgets whole slices that are past but one.
  private mutating func trim(_ index: Int, _ jiffies: Int64) {
    let lane = lanes[index]
    if jiffies > lane.end { return }
    lanes[index].end = jiffies + Self.slice
    var elapsed = (jiffies - lane.start) / Self.slice * Self.slice
    if elapsed < 2 * Self.slice { return }
    elapsed -= Self.slice
    let bytes = (lane.limit.bytes.map { Int64($0) * elapsed / Self.hz } ?? lane.bytes) + lane.carriedBytes
    let operations =
      (lane.limit.operations.map { Int64($0) * elapsed / Self.hz } ?? lane.operations) + lane.carriedOperations
    if bytes <= 0, operations <= 0 { return }
    lanes[index].carriedBytes = 0
    lanes[index].carriedOperations = 0
    lanes[index].bytes = max(0, lane.bytes - bytes)
    lanes[index].operations = max(0, lane.operations - operations)
    lanes[index].start += elapsed
  }
}
