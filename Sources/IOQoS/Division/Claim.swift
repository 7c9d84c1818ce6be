/// What one tenant brings to the division of a device's time in a tick. All but the weight are device time: rates in
/// nanoseconds each second, or any other unit that the budget has too.
///
/// Numbers count from 0 to 10^18, weights from 1 to 10,000; what is no number counts as the least.
public struct Claim: Sendable, Equatable {
  /// What it gets before anybody's spare.
  public var reservation: Double
  /// What it gets at most; 10^18 or infinite for no limit.
  public var limit: Double
  /// What it would use if it got all of it.
  public var demand: Double
  /// Its part of the spare time against others' weights.
  public var weight: Double

  /// Takes a claim.
  public init(reservation: Double = 0, limit: Double = .infinity, demand: Double = .infinity, weight: Double = 100) {
    self.reservation = reservation
    self.limit = limit
    self.demand = demand
    self.weight = weight
  }

  /// The most that it can be given: its limit or its demand, the lesser.
  var ceiling: Double { min(limit.bounded(), demand.bounded()) }

  /// The weight that counts.
  var countedWeight: Double { max(1, weight.bounded(to: 10_000)) }

  /// The demand of a tenant, from what it did: what it used, or without end where the grant or a throttle held it back.
  ///
  /// Only measured use counts, so that nobody gains by claiming. No margin is added: whoever isn't held back may go up
  /// to its standing cap at any time, and what it then uses is its demand in the next tick.
  ///
  /// - Parameters:
  ///   - used: device time each second that it used lately.
  ///   - granted: what it had been granted; `nil` where nothing held it back.
  ///   - isThrottled: whether it was seen to wait for its own grant.
  public static func demand(used: Double, granted: Double?, isThrottled: Bool = false) -> Double {
    let used = used.bounded()
    if isThrottled { return .infinity }
    if used == 0 { return 0 }
    if let granted, used >= 0.93 * granted.bounded() { return .infinity }
    return used
  }

  /// Why a claim got what it got.
  public enum Bound: Sendable, Equatable {
    /// It got all that it asks for.
    case demand
    /// Its own limit holds it back.
    case limit
    /// It has its reservation and its weight's part of the spare time.
    case share
    /// The device has less than the reservations: it has its part of them.
    case reservationsScaled
  }

  /// Why `grant` is what it is, after ``Allocation/share(_:among:into:)`` returned `outcome`.
  public func bound(at grant: Double, _ outcome: Allocation.Outcome) -> Bound {
    // Rounding may have taken a few parts in 10^16.
    if grant >= ceiling * (1 - 1e-12) { return limit.bounded() < demand.bounded() ? .limit : .demand }
    return outcome.reservationFactor < 1 ? .reservationsScaled : .share
  }
}
