/// Divides a device's time: reservations first, then what is left by weight, each up to its limit and demand.
///
/// The division of the spare time is the max-min fair one (water-filling): there is a level such that each claim gets
/// its weight times the level or its ceiling, whichever is less. So nothing is left over while somebody wants more,
/// asking for more than one uses gains nothing, and nobody's grant grows by another's asking for more. Where the
/// reservations exceed the budget all are scaled by one factor, and a claim that asks for less than its scaled
/// reservation gets what it asks for.
///
/// It keeps its buffers and the last order between ticks: no allocation while the number of claims doesn't grow, and a
/// nearly linear sort while they change little; O(n log n) at worst. Grants depend on the claims alone, not on the
/// history.
///
/// Source: Bertsekas, Gallager, Data Networks, section 6.5.2 (max-min fairness); mClock (OSDI 2010) for the two phases.
public struct Allocation: Sendable {
  /// What was divided.
  public struct Outcome: Sendable, Equatable {
    /// The sum of the grants: never more than the budget.
    public var granted: Double
    /// What of the budget nobody wants.
    public var unclaimed: Double
    /// The factor by which each reservation was scaled; 1 while the budget holds them all.
    public var reservationFactor: Double
    /// Spare time for each unit of weight; `nil` where each claim got its ceiling, or where nothing was to spare.
    public var level: Double?
  }

  private var floors: [Double] = []
  private var filling = WaterFilling()
  private var spareOrder = KeptOrder()
  private var reservationOrder = KeptOrder()

  /// Starts with nothing known of earlier ticks.
  public init() {}

  /// Divides `budget` and leaves a grant for each claim in `grants`, in the claims' order.
  ///
  /// - Parameters:
  ///   - budget: what there is to divide, 0 to 10^18, in the claims' unit.
  ///   - claims: who wants what.
  ///   - grants: overwritten, and made as long as `claims`.
  public mutating func share(_ budget: Double, among claims: [Claim], into grants: inout [Double]) -> Outcome {
    let budget = budget.bounded()
    grants.resize(to: claims.count)
    floors.resize(to: claims.count)
    filling.resize(to: claims.count)
    var reserved = 0.0
    for index in claims.indices {
      floors[index] = min(claims[index].reservation.bounded(), claims[index].ceiling)
      reserved += floors[index]
    }
    if reserved > budget { return scaleReservations(budget, claims, &grants) }
    return divideSpare(budget, reserved, claims, &grants)
  }

  /// Each claim gets its floor and its weight's part of the rest.
  private mutating func divideSpare(
    _ budget: Double, _ reserved: Double, _ claims: [Claim], _ grants: inout [Double]
  ) -> Outcome {
    for index in claims.indices {
      filling.set(index, room: claims[index].ceiling - floors[index], weight: claims[index].countedWeight)
    }
    let level = filling.level(of: budget - reserved, &spareOrder)
    var granted = 0.0
    for index in claims.indices {
      let part = filling.part(index, at: level)
      let ceiling = claims[index].ceiling
      grants[index] = part < filling.room(index) ? min(ceiling, floors[index] + part) : ceiling
      granted += grants[index]
    }
    // The rounded numbers may add up to a few parts in 10^16 more than the budget: the spare parts give way.
    var excess = Excess(granted, over: budget, movable: granted - reserved)
    while granted > budget {
      let kept = excess.next()
      granted = 0
      for index in claims.indices {
        grants[index] = floors[index] + (grants[index] - floors[index]) * kept
        granted += grants[index]
      }
    }
    let isSatisfied = level.isInfinite
    return Outcome(
      granted: granted, unclaimed: isSatisfied ? budget - granted : 0, reservationFactor: 1,
      level: isSatisfied || reserved >= budget ? nil : level)
  }

  /// Each claim gets its reservation times one factor, or its ceiling.
  private mutating func scaleReservations(_ budget: Double, _ claims: [Claim], _ grants: inout [Double]) -> Outcome {
    for index in claims.indices {
      filling.set(index, room: floors[index], weight: claims[index].reservation.bounded())
    }
    var factor = min(1, filling.level(of: budget, &reservationOrder))
    var granted = 0.0
    for index in claims.indices {
      grants[index] = min(filling.room(index), filling.part(index, at: factor))
      granted += grants[index]
    }
    var excess = Excess(granted, over: budget, movable: granted)
    while granted > budget {
      let kept = excess.next()
      factor *= kept
      granted = 0
      for index in claims.indices {
        grants[index] *= kept
        granted += grants[index]
      }
    }
    return Outcome(granted: granted, unclaimed: 0, reservationFactor: factor, level: nil)
  }
}

/// Takes the excess that rounding left off what may give way, by a factor that is soon 0.
private struct Excess {
  private var margin: Double

  init(_ granted: Double, over budget: Double, movable: Double) {
    margin = movable > 0 ? min(1, max(4 * .ulpOfOne, 2 * (granted - budget) / movable)) : 1
  }

  mutating func next() -> Double {
    defer { margin = min(1, margin * 4) }
    return 1 - margin
  }
}
