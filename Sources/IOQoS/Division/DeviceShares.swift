/// Decides, tick by tick, which tenants of a device are held back and at what: the division of the governor's budget
/// among what the tenants were seen to want.
///
/// Who gets all that it wants isn't held back, whether or not it has a latency target. A tenant with a target that takes
/// more than its reservation and its weight's part is held back like any other. A limit for one direction needs no
/// holding, since io.max keeps it; one for both together does, since io.max has none such. Whoever isn't held back keeps
/// a standing cap: what it would have if everybody woke, so that the first operations of a burst are a part of the
/// device and not all of it. Whoever has a target keeps a wider one, within which its own bursts don't wait.
public struct DeviceShares: Sendable {
  /// What becomes of a tenant.
  public enum Share: Sendable, Equatable {
    /// Nothing but its own limit holds it.
    case released
    /// It may use so much device time, in nanoseconds each second.
    case held(at: Double, because: Claim.Bound)
    /// It sleeps or wants little, and may use so much before it is seen to want more, in nanoseconds each second.
    case standing(at: Double)
  }

  /// What one tenant brings to it.
  public struct Contender: Sendable, Equatable {
    /// What it has been promised and wants.
    public var claim: Claim
    /// Whether its limit is one for both directions together.
    public var isLimitedTogether: Bool
    /// Whether it has a latency target.
    public var hasTarget: Bool
  }

  private var allocation = Allocation()
  private var standing = Allocation()
  private var claims: [Claim] = []
  private var wakened: [Claim] = []
  /// What each tenant got in the last division of a budget, in the tenants' order.
  public private(set) var grants: [Double] = []
  /// The part of the budget below which no tenant with a target is capped. blk-throttle lets a slice of a tenth of a
  /// second pass at once, so a burst of its own keeps others waiting for 25 ms at most.
  public static let targetCap = 0.25

  /// What each tenant would have if everybody asked for all, after the last division of a budget; in the tenants' order.
  public private(set) var caps: [Double] = []

  /// Starts with nothing known of earlier ticks.
  public init() {}

  /// Divides `budget`, and leaves what becomes of each tenant in `shares`, in the tenants' order.
  ///
  /// - Parameters:
  ///   - budget: what the governor lets in, in nanoseconds of device time each second, what no knob can hold back (the
  ///     root group's own work) already taken off; `nil` where it lets in anything: then everybody is let go.
  ///   - tenants: who is on the device.
  ///   - shares: overwritten.
  /// - Returns: what was divided; `nil` where everybody is let go.
  public mutating func divide(
    _ budget: Double?, among tenants: [Contender], into shares: inout [Share]
  ) -> Allocation.Outcome? {
    shares.removeAll(keepingCapacity: true)
    guard let budget else {
      for _ in tenants { shares.append(.released) }
      return nil
    }
    claims.removeAll(keepingCapacity: true)
    wakened.removeAll(keepingCapacity: true)
    for tenant in tenants {
      var claim = tenant.claim
      claims.append(claim)
      claim.demand = .infinity
      wakened.append(claim)
    }
    let outcome = allocation.share(budget, among: claims, into: &grants)
    _ = standing.share(budget, among: wakened, into: &caps)
    for index in tenants.indices {
      switch claims[index].bound(at: grants[index], outcome) {
      case .limit where tenants[index].isLimitedTogether:
        shares.append(.held(at: grants[index], because: .limit))
      case .demand:
        let least = tenants[index].hasTarget ? Self.targetCap * budget.bounded() : 0
        shares.append(.standing(at: max(caps[index], least)))
      case .limit: shares.append(.released)
      case let bound: shares.append(.held(at: grants[index], because: bound))
      }
    }
    return outcome
  }
}
