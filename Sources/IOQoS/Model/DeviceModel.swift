/// What calibration learnt of a device: prices, latencies under load, and how far to trust them.
public struct DeviceModel: Sendable, Equatable {
  /// The version of the model's meaning; a calibration of another one is stale.
  public static let currentVersion = 1

  /// The device that was measured.
  public var identity: DeviceIdentity
  /// The version of the model that measured it.
  public var version: Int
  /// When it was measured, in seconds since 1970.
  public var measured: Int64
  /// What work costs.
  public var cost: CostModel
  /// Latency against load, for operations without a curve of their own.
  public var curve: LatencyCurve
  /// Latency against load for the operations that were measured apart.
  public var curves: [IOOperation: LatencyCurve]
  /// The relative error of the predicted capacity that calibration found, 0.03 for 3 %.
  public var costError: Double
  /// The relative error of the predicted p99 that calibration found.
  public var latencyError: Double
  /// How many seconds' worth of work the device lets through at more than its lasting speed (burst credits).
  public var burst: Double

  /// Takes a calibration's results; errors count from 0 to 0.5, a burst from 0 seconds to a day.
  public init(
    identity: DeviceIdentity, version: Int = currentVersion, measured: Int64, cost: CostModel, curve: LatencyCurve,
    curves: [IOOperation: LatencyCurve] = [:], costError: Double = 0, latencyError: Double = 0, burst: Double = 0
  ) {
    self.identity = identity
    self.version = version
    self.measured = measured
    self.cost = cost
    self.curve = curve
    self.curves = curves
    self.costError = costError.bounded(to: 0.5)
    self.latencyError = latencyError.bounded(to: 0.5)
    self.burst = burst.bounded(to: 86_400)
  }

  /// The curve that holds for an operation.
  public func curve(for operation: IOOperation) -> LatencyCurve { curves[operation] ?? curve }

  /// The latency, in nanoseconds, that a part of the operations keeps at a utilisation, the error of the prediction
  /// added.
  public func latency(_ operation: IOOperation, percentile: Double, at utilisation: Double) -> Int64 {
    let measured = Double(curve(for: operation).latency(percentile, at: utilisation))
    return (measured * (1 + latencyError.bounded(to: 0.5))).rounded(.up).wholeSigned
  }

  /// The greatest utilisation at which a target is kept, whatever the prediction may be off by; `nil` where it is below
  /// what the device does at its least measured load.
  public func utilisation(keeping target: LatencyTarget) -> Double? {
    let latency = (Double(target.latency) / (1 + latencyError.bounded(to: 0.5))).wholeSigned
    return curve(for: target.operation).utilisation(target.percentile, within: latency)
  }

  /// The device time that can be promised at a utilisation, in nanoseconds each second: what the prices may be off by
  /// is left out.
  public func sellable(at utilisation: Double) -> Double {
    utilisation.bounded(to: 1) * CostModel.wholeDevice * (1 - costError.bounded(to: 0.5))
  }
}
