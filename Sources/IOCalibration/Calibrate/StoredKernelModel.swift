import IOQoS

/// The parameters of io.cost.model as a calibration stores them, by the kernel's names (``KernelCostModel``).
public struct StoredKernelModel: Sendable, Codable, Hashable {
  /// Bytes in a second, reads.
  public var rbps: Int
  /// Sequential reads of 4 KiB in a second.
  public var rseqiops: Int
  /// Random ones.
  public var rrandiops: Int
  /// Bytes in a second, writes.
  public var wbps: Int
  /// Sequential writes of 4 KiB in a second.
  public var wseqiops: Int
  /// Random ones.
  public var wrandiops: Int

  /// What makes the kernel count as calibration does.
  public init(_ cost: CostFit) {
    let coefficients = KernelCostModel(CostModel(cost)).coefficients
    rbps = Int(clamping: coefficients.read.bytes)
    rseqiops = Int(clamping: coefficients.read.sequentialOperations)
    rrandiops = Int(clamping: coefficients.read.randomOperations)
    wbps = Int(clamping: coefficients.write.bytes)
    wseqiops = Int(clamping: coefficients.write.sequentialOperations)
    wrandiops = Int(clamping: coefficients.write.randomOperations)
  }

  /// What to write to io.cost.model, the device's number apart.
  public var line: String {
    func direction(_ bytes: Int, _ sequential: Int, _ random: Int) -> KernelCostModel.Coefficients {
      .init(
        bytes: UInt64(clamping: bytes), sequentialOperations: UInt64(clamping: sequential),
        randomOperations: UInt64(clamping: random))
    }
    return KernelCostModel(
      read: direction(rbps, rseqiops, rrandiops), write: direction(wbps, wseqiops, wrandiops)
    ).text
  }
}
