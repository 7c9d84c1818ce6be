import IOQoS

/// What a group does to the disk.
struct SimulatedWorkload {
  enum Pace {
    /// So many operations under way at any time.
    case closed(depth: Int)
    /// Operations per second at depth 1, evenly but for ± 50 % of jitter.
    case paced(Double)
    /// Operations per second whether or not the earlier ones have ended.
    case open(Double)
  }
  var pace: Pace
  /// Sizes that are drawn with equal chance.
  var sizes = [4096]
  var writeShare = 0.0
  /// What it was promised.
  var promise = Promise(tenant: "neighbour")
  /// Whether it was promised a latency: then its own latencies are kept.
  var isVictim: Bool { !promise.targets.isEmpty }
  /// Whether it is work of the root group, which no `io.max` holds back and the scheduler knows nothing of. Such ones come
  /// after all others.
  var isUnheld = false
  /// When it is at work; within that `on` out of every `period` nanoseconds.
  var active: [Range<Int64>]
  var on: Int64?
  var period: Int64 = 0

  func isActive(at time: Int64) -> Bool {
    guard let range = active.first(where: { $0.contains(time) }) else { return false }
    guard let on, period > 0 else { return true }
    return (time - range.lowerBound) % period < on
  }

  /// The times at which it starts.
  func starts(until end: Int64) -> [Int64] {
    var times: [Int64] = []
    for range in active where range.lowerBound < end {
      guard let _ = on, period > 0 else {
        times.append(range.lowerBound)
        continue
      }
      times += stride(from: range.lowerBound, to: min(range.upperBound, end), by: Int64.Stride(period))
    }
    return times
  }
}
