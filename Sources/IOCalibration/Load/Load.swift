/// The IO that one measurement puts on the disk.
struct Load: Sendable {
  /// When IOs start.
  enum Arrival: Sendable {
    /// This many are always in flight.
    case closed(depth: Int)
    /// By chance, so many in a second (a Poisson process), no matter what has completed.
    case open(perSecond: Double)
  }

  var arrival: Arrival
  /// Bytes of each IO.
  var length: Int
  var isSequential = false
  /// The share of IOs that write, from 0 to 1.
  var writeShare: Double
  /// How long it is measured, and how long it runs before that, in nanoseconds.
  var duration: Int64
  var warmUp: Int64 = 0
}

/// What a load got.
struct LoadResult: Sendable {
  /// IOs that completed while it was measured, and the nanoseconds of that time.
  var completed: Int
  var elapsed: Int64
  var length: Int
  /// From an IO's intended start to its end, in nanoseconds.
  var p50: Double
  var p99: Double
  /// nil where fewer than 1,000 IOs were seen.
  var p999: Double?
  /// Nanoseconds of `elapsed` in which the generator wasn't given a processor although its wait was over.
  var lost: Int64
  /// IOs left out of the percentiles, since the generator was away when they ended.
  var unseen: Int
  /// The share of a processor that measuring took.
  var processorShare: Double
  /// IOs that completed in each 20 ms since the very start, warm-up included.
  var windows: [UInt32]

  /// IOs in a second.
  var rate: Double { elapsed > lost ? Double(completed) / Double(elapsed - lost) * 1e9 : 0 }
  var bytesPerSecond: Double { rate * Double(length) }

  static let window: Int64 = 20_000_000
}
