/// How a tenant stands on a device, as ``IOScheduler/state(of:)`` tells it.
public struct TenantState: Sendable, Equatable {
  /// What became of it in the last decision.
  public var share: DeviceShares.Share
  /// Whether it would use more than it has.
  public var isHungry: Bool
  /// Device time that it used, in cost each second.
  public var used: Double
  /// What it did, each second.
  public var rates: PerDirection<Work>
  /// Whether it did anything in the last second.
  public var isActive: Bool
  /// What its reservation costs, in cost each second.
  public var reserved: Double
}

extension TenantTrack {
  /// Whether its line is written anew each turn.
  var isPaced: Bool { if case .held = share { true } else { false } }
}
