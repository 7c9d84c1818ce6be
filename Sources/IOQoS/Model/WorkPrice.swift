/// What work costs at present, in the unit that capacities and rates are counted in.
///
/// With a calibrated device the unit is a nanosecond of device time; with none it is the operation
/// (``operations``). The scheduler derives it from the cost model and the present mix.
public struct WorkPrice: Sendable, Equatable {
  /// The cost of each operation, whatever its size.
  public var perOperation: PerDirection<Double>
  /// The cost of each byte on top, or, of a capped volume, instead if that is more.
  public var perByte: PerDirection<Double>

  /// Whether the larger of both counts (``CostModel/isCapped``).
  public var isCapped = false

  /// Each operation costs one and bytes are free.
  public static let operations = WorkPrice(
    perOperation: PerDirection(read: 1, write: 1), perByte: PerDirection(read: 0, write: 0))

  /// Takes both; what isn't finite or is negative counts as nothing, what is absurdly dear as 1e12.
  public init(perOperation: PerDirection<Double>, perByte: PerDirection<Double>) {
    self.perOperation = PerDirection(read: sane(perOperation.read), write: sane(perOperation.write))
    self.perByte = PerDirection(read: sane(perByte.read), write: sane(perByte.write))
  }

  /// The prices of random operations.
  init(random cost: CostModel) {
    self.init(
      perOperation: PerDirection(read: cost.prices.read.randomBase, write: cost.prices.write.randomBase),
      perByte: PerDirection(
        read: cost.prices.read.perPage / CostModel.pageSize, write: cost.prices.write.perPage / CostModel.pageSize))
    isCapped = cost.isCapped
  }

  /// The cost of what was done in both directions: of a capped volume, whose caps are for both together, the larger sum.
  public func cost(of work: PerDirection<Work>) -> Double {
    guard isCapped else {
      return cost(operations: work.read.operations, bytes: work.read.bytes, .read)
        + cost(operations: work.write.operations, bytes: work.write.bytes, .write)
    }
    let operations = work.read.operations * perOperation.read + work.write.operations * perOperation.write
    return max(operations, work.read.bytes * perByte.read + work.write.bytes * perByte.write)
  }

  /// The cost of `operations` that carry `bytes`.
  public func cost(operations: Double, bytes: Double, _ direction: IODirection) -> Double {
    let (some, others) = (operations * perOperation[direction], bytes * perByte[direction])
    return isCapped ? max(some, others) : some + others
  }
}

private func sane(_ value: Double) -> Double {
  value.isFinite && value > 0 ? min(value, 1e12) : 0
}
