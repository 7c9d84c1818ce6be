/// What one tenant did on a device lately, and what it was promised there.
public struct TenantUse: Sendable, Equatable {
  /// What it was promised.
  public var promise: Promise
  /// What it did, each second, lately.
  public var work: PerDirection<Work>
  /// The part of its operations that continued the one before.
  public var sequentialShare: PerDirection<Double>
  /// The mix of its operations over a longer time, ``IOMix/assumed`` where it did none.
  public var mix: IOMix
  /// By how much more than it used it is thought to want; 1 for somebody whom nothing holds back.
  public var growth: Double
  /// Device time each second that it is thought to want whatever it used.
  public var leastDemand = 0.0
  /// Whether it was seen to wait for its own grant.
  public var isWaiting: Bool

  /// Takes what was seen.
  public init(
    _ promise: Promise, work: PerDirection<Work>,
    sequentialShare: PerDirection<Double> = PerDirection(read: 0, write: 0),
    mix: IOMix = .assumed, growth: Double = 1, isWaiting: Bool = false
  ) {
    self.promise = promise
    self.work = work
    self.sequentialShare = sequentialShare
    self.mix = mix
    self.growth = growth
    self.isWaiting = isWaiting
  }

  /// The device time that it used, in nanoseconds each second.
  public func used(by model: CostModel) -> Double {
    IODirection.allCases.reduce(0) {
      $0 + model.cost(of: work[$1], $1, sequentialShare: sequentialShare[$1])
    }.bounded()
  }

  /// What it brings to the division of the device's time.
  ///
  /// - Parameter model: the prices at the device's present speed.
  public func contender(by model: CostModel) -> DeviceShares.Contender {
    let demand = Claim.demand(
      used: max(used(by: model) * growth.bounded(), leastDemand).bounded(), granted: nil, isThrottled: isWaiting)
    let claim = Claim(
      reservation: promise.reservedTime(by: model), limit: promise.limitedTime(by: model, mix: mix) ?? .infinity,
      demand: demand, weight: Double(promise.weight))
    return DeviceShares.Contender(
      claim: claim, isLimitedTogether: !promise.limit.together.isEmpty, hasTarget: !promise.targets.isEmpty)
  }
}
