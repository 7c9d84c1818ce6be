/// The composition of a tenant's operations, as seen over the last second.
public struct IOMix: Sendable, Equatable {
  /// The part of the operations that are reads, 0 to 1.
  public var readShare: Double
  /// Bytes of an operation on average.
  public var size: PerDirection<Double>
  /// The part of the operations that continue the one before, 0 to 1.
  public var sequentialShare: PerDirection<Double>

  /// Random reads of 4 KiB: what is assumed of somebody who did nothing yet.
  public static let assumed = IOMix(readShare: 1, size: PerDirection(read: 4096, write: 4096))

  /// Takes a mix.
  public init(
    readShare: Double, size: PerDirection<Double>,
    sequentialShare: PerDirection<Double> = PerDirection(read: 0, write: 0)
  ) {
    self.readShare = readShare
    self.size = size
    self.sequentialShare = sequentialShare
  }

  /// The mix of the work done; `nil` where none was.
  public init?(
    _ work: PerDirection<Work>, sequentialShare: PerDirection<Double> = PerDirection(read: 0, write: 0)
  ) {
    let (reads, writes) = (work.read.operations.bounded(), work.write.operations.bounded())
    guard reads + writes > 0 else { return nil }
    func size(_ work: Work, _ operations: Double) -> Double {
      operations > 0 ? (work.bytes.bounded() / operations).bounded() : 4096
    }
    self.init(
      readShare: reads / (reads + writes),
      size: PerDirection(read: size(work.read, reads), write: size(work.write, writes)),
      sequentialShare: sequentialShare)
  }

  /// The part of the operations that go one way.
  public func share(_ direction: IODirection) -> Double {
    let reads = readShare.bounded(to: 1)
    return direction == .read ? reads : 1 - reads
  }

  /// Device time of an operation on average, in nanoseconds.
  public func cost(by model: CostModel) -> Double {
    var total = 0.0
    for direction in IODirection.allCases {
      let one = Work(operations: 1, bytes: size[direction])
      total += share(direction) * model.cost(of: one, direction, sequentialShare: sequentialShare[direction])
    }
    return total
  }
}
