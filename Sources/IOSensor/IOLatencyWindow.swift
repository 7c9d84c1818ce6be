/// What was counted between two readings of one group, disk and operation: only the buckets that changed.
public struct IOLatencyWindow: Sendable, Hashable {
  /// How many IOs ended in one bucket of one phase.
  struct Entry: Sendable, Hashable {
    /// The bucket's place among those of all phases.
    var index: UInt16
    var count: UInt32
  }

  /// By their index, each once.
  private(set) var entries: [Entry] = []
  /// How many IOs ended.
  public private(set) var count: UInt64 = 0

  /// Nothing counted.
  public init() {}

  /// What a row of the kernel's has counted since it was last seen. Its counters are of 32 bits and wrap; their
  /// differences are right as long as less than 2^32 IOs come between.
  ///
  /// - Parameters:
  ///   - count: how many IOs.
  ///   - row: the kernel's counters, as many as `seen` has, which go on counting meanwhile.
  ///   - seen: the same at the last time; becomes what they are now.
  init(count: UInt64, row: UnsafePointer<UInt32>, seen: inout [UInt32]) {
    self.count = count
    // Sixteen counters at once: nearly all are as before.
    let step = 16
    seen.withUnsafeMutableBufferPointer { seen in
      guard let known = seen.baseAddress else { return }
      var start = 0
      while start < seen.count {
        let end = min(start + step, seen.count)
        var differs: UInt32 = 0
        for index in start..<end { differs |= row[index] ^ known[index] }
        if differs != 0 {
          for index in start..<end {
            let now = row[index]
            guard now != known[index] else { continue }
            entries.append(Entry(index: UInt16(index), count: now &- known[index]))
            known[index] = now
          }
        }
        start = end
      }
    }
  }

  /// Adds what another window has counted.
  public mutating func merge(_ other: IOLatencyWindow) {
    count &+= other.count
    guard !entries.isEmpty else {
      entries = other.entries
      return
    }
    var merged: [Entry] = []
    merged.reserveCapacity(entries.count + other.entries.count)
    var left = entries[...]
    var right = other.entries[...]
    while let own = left.first, let new = right.first {
      if own.index == new.index {
        merged.append(Entry(index: own.index, count: own.count &+ new.count))
        left.removeFirst()
        right.removeFirst()
      } else if own.index < new.index {
        merged.append(own)
        left.removeFirst()
      } else {
        merged.append(new)
        right.removeFirst()
      }
    }
    entries = merged + left + right
  }

  /// The time that a share of the IOs didn't exceed in a phase, in nanoseconds, as ``LatencyHistogram/quantile(_:)``.
  public func quantile(_ share: Double, of phase: IOPhase) -> UInt64? {
    let first = Int(phase.rawValue) * LatencyScale.bucketCount
    let own = entries.drop { Int($0.index) < first }.prefix { Int($0.index) < first + LatencyScale.bucketCount }
    let total = own.reduce(0) { $0 + UInt64($1.count) }
    guard total > 0 else { return nil }
    let rank = LatencyHistogram.rank(share, of: total)
    var passed: UInt64 = 0
    for entry in own {
      passed += UInt64(entry.count)
      if passed >= rank { return LatencyScale.middle(ofBucket: Int(entry.index) - first) }
    }
    return nil
  }

  /// The histogram of a phase.
  public func histogram(of phase: IOPhase) -> LatencyHistogram {
    var latencies = IOLatencies()
    latencies.add(self)
    return latencies[phase]
  }
}
