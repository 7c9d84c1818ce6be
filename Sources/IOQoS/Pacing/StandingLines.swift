/// Lines of `io.max` that stand for long: device time in operations and bytes.
struct StandingLines: Sendable {
  let cost: CostModel
  /// Bytes allowed beyond the mean size.
  let bytesMargin: Double

  /// The line that bounds a tenant which may do anything next: small operations by their number, large ones by bytes.
  func cap(_ rate: Double, _ mix: IOMix) -> IOMaxLimits {
    func direction(_ direction: IODirection) -> IOMaxLimits.Direction {
      let one = Work(operations: 1, bytes: min(mix.size[direction].bounded(), CostModel.reservedOperationSize))
      let stream = Work(operations: 1, bytes: CostModel.reservedStreamSize)
      let (small, large) = (max(cost.cost(of: one, direction), 1e-3), max(cost.cost(of: stream, direction), 1e-3))
      return IOMaxLimits.Direction(
        operations: IOMaxLimits.wholeSlices(rate / small),
        bytes: max(4096, (rate / large * CostModel.reservedStreamSize).wholeUnsigned))
    }
    return IOMaxLimits(PerDirection(read: direction(.read), write: direction(.write)))
  }

  /// The line that holds a tenant to a rate as long as it does what it does now; a tenth of it for what it doesn't.
  func fixed(_ rate: Double, _ mix: IOMix) -> IOMaxLimits {
    let whole = max(mix.cost(by: cost), 1e-3)
    func direction(_ direction: IODirection) -> IOMaxLimits.Direction {
      let size = max(mix.size[direction].bounded(), CostModel.pageSize)
      let one = max(cost.cost(of: Work(operations: 1, bytes: size), direction), 1e-3)
      let operations = IOMaxLimits.wholeSlices(rate * max(mix.share(direction) / whole, 0.1 / one))
      return IOMaxLimits.Direction(
        operations: operations, bytes: max(4096, (Double(operations) * size * bytesMargin).wholeUnsigned))
    }
    return IOMaxLimits(PerDirection(read: direction(.read), write: direction(.write)))
  }
}
