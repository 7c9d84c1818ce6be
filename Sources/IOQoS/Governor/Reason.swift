/// Why the governor does what it does; capacities in cost per second, times in nanoseconds.
public enum Reason: Sendable, Equatable {
  /// The capacity isn't known and the device hasn't been saturated for long enough.
  case learning
  /// The capacity was measured for the first time.
  case learned(capacity: Double)
  /// No tenant with a target is active.
  case noTargetActive
  /// A tenant with a target became active.
  case targetWoke
  /// More operations wait in the device than its service explains.
  case queueFound(operations: Double, threshold: Double)
  /// The mean latency rose above its base.
  case latencyRose(by: Int64, allowed: Int64)
  /// A saturated device did less than the estimate.
  case capacityFell(from: Double, to: Double)
  /// The device did more than the estimate for longer than its free burst lasts.
  case capacityRose(from: Double, to: Double)
  /// A queue was kept until it had measured the capacity.
  case measured(from: Double, to: Double)
  /// The device completes nothing although it has work.
  case stalled(for: Int64)
  /// The queue is gone; credits are being given back.
  case drained
  /// The queue doesn't shrink although nothing feeds it: what was taken for a queue is service.
  case serviceIsSlower(mean: Int64)
  /// The target holds at this share of the capacity.
  case holding(utilisation: Double)
  /// Trying whether the device can do more, by this factor.
  case probing(gain: Double)
  /// Tenants don't ask for more than the estimate, so that probing would show nothing.
  case demandEnded
  /// The readings had a gap or their counters went back.
  case readingsRestarted
}

extension Reason: CustomStringConvertible {
  /// One clause for people, capacities in cost each second.
  public var description: String { sentence { "\(Self.figure($0))/s" } }

  /// One clause for people.
  ///
  /// - Parameter capacity: says a capacity, for instance as a share of the calibrated one.
  public func sentence(_ capacity: (Double) -> String) -> String {
    switch self {
    case .learning: "capacity not measured yet: nothing is held back"
    case .learned(let learned): "capacity measured: \(capacity(learned))"
    case .noTargetActive: "no tenant with a latency target is active"
    case .targetWoke: "a tenant with a latency target became active"
    case .queueFound(let operations, let threshold):
      "\(Self.figure(operations)) operations wait in the device, more than \(Self.figure(threshold))"
    case .latencyRose(let by, let allowed):
      "mean latency rose by \(Self.milliseconds(by)), more than \(Self.milliseconds(allowed))"
    case .capacityFell(let from, let to): "capacity fell from \(capacity(from)) to \(capacity(to))"
    case .capacityRose(let from, let to): "capacity rose from \(capacity(from)) to \(capacity(to))"
    case .measured(let from, let to): "a queue measured the capacity: \(capacity(to)), not \(capacity(from))"
    case .stalled(let time): "the device has completed nothing for \(Self.milliseconds(time))"
    case .drained: "the queue is gone"
    case .serviceIsSlower(let mean): "no queue is left, but an operation takes \(Self.milliseconds(mean)) now"
    case .holding(let utilisation): "targets hold at \(Self.figure(utilisation * 100)) % of the capacity"
    case .probing(let gain): "trying \(Self.figure(gain * 100)) % of the estimated capacity"
    case .demandEnded: "tenants ask for less than the capacity"
    case .readingsRestarted: "the device's counters began anew"
    }
  }

  private static func milliseconds(_ time: Int64) -> String { "\(figure(Double(time) / 1e6)) ms" }

  /// A tenth is as much as anyone reads; huge values in whole numbers.
  private static func figure(_ value: Double) -> String {
    guard value.isFinite, abs(value) < 1e15 else { return "\(value)" }
    if abs(value) >= 100 { return "\(Int64(value.rounded()))" }
    let tenths = Int64((abs(value) * 10).rounded())
    let sign = value < 0 && tenths > 0 ? "-" : ""
    return tenths % 10 == 0 ? "\(sign)\(tenths / 10)" : "\(sign)\(tenths / 10).\(tenths % 10)"
  }
}
