/// What work costs a device, in nanoseconds of device time: blk-iocost's linear model.
///
/// An operation costs a base, which depends on whether it continues the one before it, and a price for each page that
/// it moves. A volume that is throttled by two caps, on operations and on bytes, takes the larger of the two instead of
/// their sum: each cap has its own budget (``isCapped``). Costs count the device at the speed that calibration found: a
/// second of wall time holds ``wholeDevice`` of them, however many operations the device serves at once. Negative costs
/// and what is no number count as 0.
///
/// Source: block/blk-iocost.c, "Cost Model", and Documentation/admin-guide/cgroup-v2.rst, io.cost.model.
public struct CostModel: Sendable, Equatable {
  /// What one direction costs, in nanoseconds.
  public struct Prices: Sendable, Equatable {
    /// The base of an operation somewhere else on the device.
    public let randomBase: Double
    /// The base of an operation that continues the one before it.
    public let sequentialBase: Double
    /// Each page of 4,096 bytes.
    public let perPage: Double

    /// Takes the three prices, each from 0 to 10^18.
    public init(randomBase: Double, sequentialBase: Double, perPage: Double) {
      self.randomBase = randomBase.bounded()
      self.sequentialBase = sequentialBase.bounded()
      self.perPage = perPage.bounded()
    }
  }

  /// The device time in a second, in nanoseconds.
  public static let wholeDevice = 1e9
  /// Bytes in a page, as blk-iocost counts them.
  public static let pageSize = 4096.0

  /// What each direction costs.
  public var prices: PerDirection<Prices>

  /// Whether work costs the larger of its operations and its pages, not both.
  public var isCapped = false

  /// Takes the prices of both directions.
  public init(read: Prices, write: Prices) { prices = PerDirection(read: read, write: write) }

  /// A volume with a cap on operations and one on bytes, each a second and for both directions together.
  public init(operationsCap: Double, bytesCap: Double) {
    let base = Self.wholeDevice / max(operationsCap.bounded(), 1e-9)
    let prices = Prices(
      randomBase: base, sequentialBase: base,
      perPage: Self.wholeDevice * Self.pageSize / max(bytesCap.bounded(), 1e-9))
    self.init(read: prices, write: prices)
    isCapped = true
  }

  /// The device time that `work` takes, in nanoseconds; for a rate of work, nanoseconds each second.
  ///
  /// As in the kernel, an operation moves one page at least.
  ///
  /// - Parameter sequentialShare: the part of the operations, 0 to 1, that continue the one before.
  public func cost(of work: Work, _ direction: IODirection, sequentialShare: Double = 0) -> Double {
    let prices = prices[direction]
    let operations = work.operations.bounded()
    let pages = max(work.bytes.bounded() / Self.pageSize, operations)
    let sequential = sequentialShare.bounded(to: 1)
    let base = prices.sequentialBase * sequential + prices.randomBase * (1 - sequential)
    return isCapped ? max(operations * base, pages * prices.perPage) : operations * base + pages * prices.perPage
  }

  /// The same device at `speed` times its speed: every price is divided by it.
  ///
  /// A speed that isn't above 0 counts as the least positive one, and prices stay below 10^18.
  public func atSpeed(_ speed: Double) -> CostModel {
    let divisor = max(speed.bounded(), .leastNormalMagnitude)
    func slowed(_ prices: Prices) -> Prices {
      Prices(
        randomBase: prices.randomBase / divisor, sequentialBase: prices.sequentialBase / divisor,
        perPage: prices.perPage / divisor)
    }
    var model = CostModel(read: slowed(prices.read), write: slowed(prices.write))
    model.isCapped = isCapped
    return model
  }
}
