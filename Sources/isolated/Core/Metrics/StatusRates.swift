/// Rates between looks that are a second or more apart, however often somebody looks.
struct StatusRates {
  /// A tenant's counters.
  private struct Point {
    var started: Int
    var readings: TenantReadings
  }

  private var base: [String: Point] = [:]
  private var baseTime: Int64?
  private var last: [String: Point] = [:]
  private var lastTime: Int64?

  private static let patience: Int64 = 1_000_000_000

  /// Takes a look.
  ///
  /// - Parameter time: nanoseconds of a clock that doesn't go back.
  mutating func note(_ tenants: [CollectedTenant], at time: Int64) {
    if let lastTime, time - lastTime < Self.patience { return }
    (base, baseTime) = (last, lastTime)
    last = Dictionary(
      tenants.map { ($0.snapshot.name, Point(started: $0.snapshot.startedMicroseconds, readings: $0.readings)) }
    ) { _, last in last }
    lastTime = time
  }

  /// The part of the time, in percent, by which a counter of microseconds grew; nil at the first look at a tenant.
  func percent(_ tenant: CollectedTenant, at time: Int64, of counter: (TenantReadings) -> UInt64?) -> Double? {
    guard let before = point(of: tenant), let baseTime, time > baseTime, let old = counter(before.readings),
      let new = counter(tenant.readings), new >= old
    else { return nil }
    return Double(new - old) * 1000 / Double(time - baseTime) * 100
  }

  /// How much one counter grew for each step of another, in percent; nil where the other stands still.
  func percent(
    _ tenant: CollectedTenant, of part: (TenantReadings) -> UInt64?, in whole: (TenantReadings) -> UInt64?
  ) -> Double? {
    guard let before = point(of: tenant), let oldPart = part(before.readings), let newPart = part(tenant.readings),
      let oldWhole = whole(before.readings), let newWhole = whole(tenant.readings), newPart >= oldPart,
      newWhole > oldWhole
    else { return nil }
    return Double(newPart - oldPart) / Double(newWhole - oldWhole) * 100
  }

  private func point(of tenant: CollectedTenant) -> Point? {
    base[tenant.snapshot.name].flatMap { $0.started == tenant.snapshot.startedMicroseconds ? $0 : nil }
  }
}
