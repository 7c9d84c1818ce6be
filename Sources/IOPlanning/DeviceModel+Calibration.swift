import Faults
import IOCalibration
import IOQoS

extension DeviceModel {
  /// What the scheduler takes from a stored calibration.
  ///
  /// - Throws: `io.curve-invalid` where the curve of reads has too few points below saturation.
  public init(_ calibration: Calibration) throws(Fault) {
    let reads = calibration.curves.first { !$0.isWrite }
    let writes = calibration.curves.first(where: \.isWrite)
    var curves: [IOOperation: LatencyCurve] = [:]
    if let writes {
      let curve = try LatencyCurve(Self.points(writes))
      curves[.write] = curve
      curves[.syncWrite] = curve
    }
    self.init(
      identity: DeviceIdentity(calibration.disk), measured: Int64(calibration.date), cost: Self.cost(calibration),
      curve: try LatencyCurve(Self.points(reads)), curves: curves, costError: abs(calibration.mixedCheck.error),
      latencyError: abs(calibration.curveCheck.error), burst: calibration.burst)
  }

  /// Two caps are two budgets, which no sum of a base and a price for each byte tells.
  private static func cost(_ calibration: Calibration) -> CostModel {
    guard let throttle = calibration.throttle, let operations = throttle.iops, let bytes = throttle.bandwidth else {
      return CostModel(calibration.cost)
    }
    return CostModel(operationsCap: operations, bytesCap: bytes)
  }

  /// The points that the disk kept up with. A calibration stores no mean; the median, which is below it, stands for it.
  private static func points(_ curve: LoadLatencyCurve?) -> [LatencyCurve.Point] {
    (curve?.points ?? []).filter { !$0.isSaturated && (0...1).contains($0.utilisation) }.map { point in
      LatencyCurve.Point(
        utilisation: point.utilisation, mean: whole(point.p50), p50: whole(point.p50), p99: whole(point.p99))
    }
  }

  private static func whole(_ nanoseconds: Double) -> Int64 {
    guard nanoseconds.isFinite else { return 0 }
    return Int64(min(max(nanoseconds.rounded(), 0), Double(LatencyCurve.longest)))
  }
}

extension DeviceIdentity {
  /// What tells a disk, as it was measured or as it is now (`DiskFacts.measured`), from one that took its place.
  public init(_ disk: MeasuredDisk) {
    self.init(serial: disk.id, model: disk.model ?? "", size: UInt64(max(0, disk.size)))
  }
}
