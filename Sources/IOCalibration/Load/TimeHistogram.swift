/// Counts of times, from 1 ns on, in log-linear buckets of at most 1.6 % width.
struct TimeHistogram: Sendable {
  private static let subShift = 6
  private static let buckets = (64 - subShift) << subShift
  private var counts = [UInt32](repeating: 0, count: buckets)
  /// How many times were counted.
  private(set) var count = 0

  mutating func note(_ nanoseconds: Int64) {
    let index = Self.bucket(UInt64(max(nanoseconds, 0)))
    counts[index] &+= 1
    count += 1
  }

  mutating func clear() {
    for index in counts.indices { counts[index] = 0 }
    count = 0
  }

  /// The time, in nanoseconds, that the share `share` of all doesn't exceed; nil where nothing was counted.
  func percentile(_ share: Double) -> Double? {
    guard count > 0 else { return nil }
    let rank = max(1, Int((share * Double(count)).rounded(.up)))
    var seen = 0
    for (index, number) in counts.enumerated() where number > 0 {
      seen += Int(number)
      if seen >= rank { return Self.middle(index) }
    }
    return nil
  }

  private static func bucket(_ time: UInt64) -> Int {
    let sub = UInt64(1) << UInt64(subShift)
    guard time >= sub else { return Int(time) }
    let exponent = UInt64.bitWidth - 1 - time.leadingZeroBitCount
    let shift = exponent - subShift
    return min((shift + 1) << subShift + Int((time >> UInt64(shift)) & (sub - 1)), buckets - 1)
  }

  private static func middle(_ bucket: Int) -> Double {
    let sub = 1 << subShift
    guard bucket >= sub else { return Double(bucket) }
    let shift = bucket >> subShift - 1
    let width = Double(UInt64(1) << UInt64(shift))
    return Double(sub + bucket & (sub - 1)) * width + width / 2
  }
}
