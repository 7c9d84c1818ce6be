/// What one tenant was promised of one device, in mClock's words.
///
/// Source: Gulati, Merchant, Varman, mClock: Handling Throughput Variability for Hypervisor IO Scheduling, OSDI 2010.
public struct Promise: Sendable, Equatable, Codable {
  /// The least and the most weight.
  public static let weights = 1...10_000

  /// The tenant's name.
  public var tenant: String
  /// What it gets at least, whenever it asks for it.
  public var reservation: PromisedRates
  /// The part of the device that it gets at least, 0 to 1; together with ``reservation`` the greater of the two.
  public var reservedShare: Double
  /// What it gets at most.
  public var limit: PromisedRates
  /// Its part of what the reservations leave, against others' weights: 1 to 10,000, the kernel's default is 100.
  public var weight: Int
  /// The latencies it was promised.
  public var targets: [LatencyTarget]
  /// Whether it is the host's own work (system.slice, user.slice).
  public var isHost: Bool

  /// Takes a promise as it is; ``Admission`` judges it.
  public init(
    tenant: String, reservation: PromisedRates = .none, reservedShare: Double = 0, limit: PromisedRates = .none,
    weight: Int = 100, targets: [LatencyTarget] = [], isHost: Bool = false
  ) {
    self.tenant = tenant
    self.reservation = reservation
    self.reservedShare = reservedShare
    self.limit = limit
    self.weight = weight
    self.targets = targets
    self.isHost = isHost
  }

  /// The host's own promise: by default a twentieth of the device and the default weight.
  public static func host(share: Double = 0.05, weight: Int = 100) -> Promise {
    Promise(tenant: "host", reservedShare: share, weight: weight, isHost: true)
  }

  /// What the reservation costs, in nanoseconds of device time each second.
  public func reservedTime(by model: CostModel) -> Double {
    max(model.cost(reserving: reservation), reservedShare.bounded(to: 1) * CostModel.wholeDevice)
  }

  /// The device time each second, in nanoseconds, at which work of this mix reaches its limit; `nil` where no limit
  /// binds it.
  public func limitedTime(by model: CostModel, mix: IOMix) -> Double? {
    var rate = Double.infinity
    func bind(_ limit: Double?, _ part: Double) {
      if let limit, part > 0 { rate = min(rate, limit.bounded() / part) }
    }
    var bytes = 0.0
    for (direction, limit) in [(IODirection.read, limit.read), (.write, limit.write)] {
      let share = mix.share(direction)
      let moved = share * mix.size[direction].bounded()
      bind(limit.operations, share)
      bind(limit.bytes, moved)
      bytes += moved
    }
    bind(limit.together.operations, 1)
    bind(limit.together.bytes, bytes)
    return rate.isFinite ? (rate.bounded() * mix.cost(by: model)).bounded() : nil
  }
}
