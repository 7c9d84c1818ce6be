import IOQoS
import Policy

extension IODevicePolicy.PriorityClass {
  /// The weight that stands for the class where the entry gives none.
  var weight: Int {
    switch self {
    case .realtime: 1000
    case .bestEffort: 100
    case .idle: 1
    }
  }

  /// The targets that stand for the class where the entry gives no `latency`: for `realtime`, reads in twice the p99
  /// that the disk has at half its load; none without a calibration.
  func targets(on model: DeviceModel?) -> [LatencyTarget] {
    guard self == .realtime, let model else { return [] }
    var target = LatencyTarget(.read, latency: 0)
    let (latency, overflow) = model.latency(.read, percentile: target.percentile, at: 0.5)
      .multipliedReportingOverflow(by: 2)
    // In whole microseconds, the unit of policies.
    target.latency = overflow ? .max : max(1, latency / 1000 + (latency % 1000 > 0 ? 1 : 0)) * 1000
    return [target]
  }
}
