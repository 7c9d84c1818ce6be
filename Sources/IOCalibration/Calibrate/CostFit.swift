/// The price of an IO in nanoseconds of the device's time: blk-iocost's linear model, `base + pages · perPage`.
public struct CostFit: Sendable, Codable, Hashable {
  /// The prices of one direction, in nanoseconds.
  public struct Direction: Sendable, Codable, Hashable {
    /// Added for an IO that doesn't continue the last one.
    public var randomBase: Double
    /// Added for an IO that continues the last one.
    public var sequentialBase: Double
    /// For each 4 KiB.
    public var perPage: Double

    /// What an IO of so many bytes costs.
    public func cost(bytes: Int, isSequential: Bool) -> Double {
      (isSequential ? sequentialBase : randomBase) + Double(max(bytes / CostFit.page, 1)) * perPage
    }
  }

  /// Of reads.
  public var read: Direction
  /// Of writes.
  public var write: Direction

  /// The kernel's IOC_PAGE_SIZE.
  static let page = 4096

  /// Fits the model to rates at full load: the price of a page is what separates a large sequential IO from a small
  /// one, so that a large IO's own base isn't counted in it.
  public init(_ rates: SaturatedRates) {
    let pages = Double(max(rates.largeLength / Self.page, 2))
    func fit(_ random: Double, _ sequential: Double, _ large: Double) -> Direction {
      let small = 1e9 / max(sequential, 1e-3)
      let perPage = max((1e9 / max(large, 1e-3) - small) / (pages - 1), Self.leastPage)
      return Direction(
        randomBase: max(1e9 / max(random, 1e-3) - perPage, 0), sequentialBase: max(small - perPage, 0),
        perPage: perPage)
    }
    read = fit(rates.random.read, rates.sequential.read, rates.large.read)
    write = fit(rates.random.write, rates.sequential.write, rates.large.write)
  }

  /// A page costs something on every disk, and the kernel's parameter is a rate: 1 ns is 4 TB/s.
  private static let leastPage = 1.0

  /// IOs in a second of a random mix at full load.
  func rate(bytes: Int, writeShare: Double) -> Double {
    1e9
      / (read.cost(bytes: bytes, isSequential: false) * (1 - writeShare)
        + write.cost(bytes: bytes, isSequential: false) * writeShare)
  }
}

/// The parameters of io.cost.model. The kernel makes costs of them thus (calc_lcoefs in block/blk-iocost.c):
/// a page is 4096/bps of a second, and the bases are 1/iops less a page.
public struct KernelCostModel: Sendable, Codable, Hashable {
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

  /// Turns prices into the kernel's parameters.
  public init(_ cost: CostFit) {
    func rate(_ nanoseconds: Double, of unit: Double) -> Int {
      let rate = unit * 1e9 / max(nanoseconds, 1)
      return rate.isFinite ? Int(min(max(rate.rounded(), 1), 1e15)) : 1
    }
    let page = Double(CostFit.page)
    rbps = rate(cost.read.perPage, of: page)
    rseqiops = rate(cost.read.sequentialBase + cost.read.perPage, of: 1)
    rrandiops = rate(cost.read.randomBase + cost.read.perPage, of: 1)
    wbps = rate(cost.write.perPage, of: page)
    wseqiops = rate(cost.write.sequentialBase + cost.write.perPage, of: 1)
    wrandiops = rate(cost.write.randomBase + cost.write.perPage, of: 1)
  }

  /// What to write to io.cost.model, the device's number apart.
  public var line: String {
    "ctrl=user model=linear rbps=\(rbps) rseqiops=\(rseqiops) rrandiops=\(rrandiops)"
      + " wbps=\(wbps) wseqiops=\(wseqiops) wrandiops=\(wrandiops)"
  }
}
