import IOQoS
import Policy

extension Promise {
  /// What one entry of a policy's `io:` asks for.
  ///
  /// A reservation without a direction holds for reads and writes in any mixture. A limit without one holds for each
  /// direction by itself, since that is what `io.max` enforces. `class` gives the weight and the targets that the entry
  /// doesn't give.
  ///
  /// - Parameter model: the disk's calibration, as far as it can be used; nil where there is none.
  public init(tenant: String, policy: IODevicePolicy, model: DeviceModel?) {
    let preset = policy.priorityClass?.value ?? .bestEffort
    self.init(
      tenant: tenant, reservation: Self.reservation(policy.reservation?.value),
      limit: policy.limit.map { PromisedRates(read: PromisedRate($0.value.read), write: PromisedRate($0.value.write)) }
        ?? .none,
      weight: policy.weight.map { Int(clamping: $0.value) } ?? preset.weight,
      targets: policy.latency.map { Self.targets($0.value) } ?? preset.targets(on: model))
  }

  private static func reservation(_ rates: IODevicePolicy.DirectionalRates?) -> PromisedRates {
    guard let rates else { return .none }
    if rates.isUndirected { return PromisedRates(together: PromisedRate(rates.read)) }
    return PromisedRates(read: PromisedRate(rates.read), write: PromisedRate(rates.write))
  }

  private static func targets(_ latency: IODevicePolicy.Latency) -> [LatencyTarget] {
    let asked: [(IOOperation, TimeSpan?)] = [
      (.read, latency.read?.value), (.write, latency.write?.value), (.syncWrite, latency.syncWrite?.value),
    ]
    return asked.compactMap { operation, span in
      span.map { span in
        let (nanoseconds, overflow) = Int64(clamping: span.microseconds).multipliedReportingOverflow(by: 1000)
        return LatencyTarget(operation, latency: overflow ? .max : nanoseconds)
      }
    }
  }
}

extension PromisedRate {
  fileprivate init(_ rates: IODevicePolicy.Rates) {
    self.init(
      operations: rates.iops.map { Double($0.value) }, bytes: rates.bandwidth.map { Double($0.value.bytesPerSecond) })
  }
}
