import IOQoS

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

extension CostModel {
  /// The prices that calibration fitted.
  public init(_ fit: CostFit) {
    func prices(_ direction: CostFit.Direction) -> Prices {
      Prices(
        randomBase: direction.randomBase, sequentialBase: direction.sequentialBase, perPage: direction.perPage)
    }
    self.init(read: prices(fit.read), write: prices(fit.write))
  }
}
