import CIOLatency

/// The histograms of one group, disk and operation: one for each phase, side by side.
public struct IOLatencies: Sendable, Hashable {
  /// Of all phases, one after another.
  private(set) var counts: [UInt64]
  /// How many IOs ended.
  public internal(set) var count: UInt64

  static let size = Int(CIOLATENCY_PHASES.rawValue) * LatencyScale.bucketCount

  /// Nothing counted.
  public init() {
    counts = [UInt64](repeating: 0, count: Self.size)
    count = 0
  }

  /// The histogram of a phase.
  public subscript(phase: IOPhase) -> LatencyHistogram {
    let start = Int(phase.rawValue) * LatencyScale.bucketCount
    return LatencyHistogram(counts: counts[start..<start + LatencyScale.bucketCount])
  }

  /// Adds what another has counted.
  public mutating func merge(_ other: IOLatencies) {
    for index in counts.indices { counts[index] &+= other.counts[index] }
    count &+= other.count
  }

  /// What was counted after `earlier`, of which this is a later reading; all of it where counting began anew.
  public func since(_ earlier: IOLatencies) -> IOLatencies {
    guard count >= earlier.count else { return self }
    var window = self
    for index in counts.indices where counts[index] >= earlier.counts[index] {
      window.counts[index] -= earlier.counts[index]
    }
    window.count -= earlier.count
    return window
  }

  /// Adds what a window has counted.
  mutating func add(_ window: IOLatencyWindow) {
    for entry in window.entries { counts[Int(entry.index)] &+= UInt64(entry.count) }
    count &+= window.count
  }
}

/// What a sensor has counted since it was loaded, of all groups, disks and operations.
///
/// The counters are read while the kernel counts on: of an IO that ends meanwhile, one phase may be in and another not.
public struct IOLatencySnapshot: Sendable, Hashable {
  /// The histograms, cumulative.
  public var latencies: [IOLatencyKey: IOLatencies]
  /// IOs that aren't in the histograms, for the sensor's tables were full.
  public var lost: UInt64

  /// Collects readings.
  public init(latencies: [IOLatencyKey: IOLatencies] = [:], lost: UInt64 = 0) {
    self.latencies = latencies
    self.lost = lost
  }

  /// What was counted after `earlier`; what had nothing new is left out.
  public func since(_ earlier: IOLatencySnapshot) -> IOLatencySnapshot {
    var window: [IOLatencyKey: IOLatencies] = [:]
    for (key, now) in latencies {
      guard let before = earlier.latencies[key] else {
        if now.count > 0 { window[key] = now }
        continue
      }
      if now.count != before.count { window[key] = now.since(before) }
    }
    return IOLatencySnapshot(latencies: window, lost: lost >= earlier.lost ? lost - earlier.lost : lost)
  }
}
