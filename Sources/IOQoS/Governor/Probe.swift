/// A search for capacity above the estimate: how far it goes, and when the next is due.
struct Probe: Sendable {
  /// How far above the estimate, as a share of it.
  var gain = 0.05
  /// The estimate when the present stage began, in cost per second.
  var capacity = 0.0
  /// The work done when it began, in cost.
  var work = 0.0
  /// When it began, in nanoseconds.
  var start: Int64 = 0
  /// When tenants last used what they were granted, in nanoseconds.
  var lastLimited: Int64 = 0
  /// When the last probe ended, in nanoseconds.
  var lastEnd: Int64 = 0
  /// When the capacity last fell by much, in nanoseconds.
  var lastFall: Int64?
  /// Begins a stage.
  mutating func begin(capacity: Double, work: Double, time: Int64) {
    self.capacity = capacity
    self.work = work
    start = time
    lastLimited = time
  }
}
