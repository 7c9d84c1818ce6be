/// The four numbers of an `io.max` line; nil stands for `max` (Documentation/admin-guide/cgroup-v2.rst).
public struct IOMaxLimits: Sendable, Equatable {
  /// One direction's two numbers.
  public struct Direction: Sendable, Equatable {
    /// Operations per second.
    public var operations: UInt64?
    /// Bytes per second.
    public var bytes: UInt64?

    /// Takes both.
    public init(operations: UInt64? = nil, bytes: UInt64? = nil) {
      self.operations = operations
      self.bytes = bytes
    }
  }

  /// For reads and for writes.
  public var limits: PerDirection<Direction>

  /// No limit at all.
  public static let none = IOMaxLimits(PerDirection(read: Direction(), write: Direction()))

  /// Takes both directions.
  public init(_ limits: PerDirection<Direction>) { self.limits = limits }

  /// Operations each second of a line that stands: as many whole ones as are nearest in each of blk-throttle's slices of
  /// a tenth of a second, and one at least, since it forgets the fraction that a slice leaves over
  /// (block/blk-throttle.c, throtl_trim_slice). The half keeps its own rounding off the next lower number.
  static func wholeSlices(_ operations: Double) -> UInt64 {
    (max(1, (operations.bounded() / 10).rounded()) * 10 + 5).wholeUnsigned
  }

  /// The stricter of two in each number.
  public func stricter(_ other: IOMaxLimits) -> IOMaxLimits {
    func least(_ left: UInt64?, _ right: UInt64?) -> UInt64? {
      guard let left else { return right }
      return right.map { min(left, $0) } ?? left
    }
    func join(_ left: Direction, _ right: Direction) -> Direction {
      Direction(operations: least(left.operations, right.operations), bytes: least(left.bytes, right.bytes))
    }
    return IOMaxLimits(
      PerDirection(
        read: join(limits.read, other.limits.read), write: join(limits.write, other.limits.write)))
  }
}

extension IOMaxLimits: CustomStringConvertible {
  /// As the file takes it, without the device: `rbps=max wbps=max riops=740 wiops=74`.
  public var description: String {
    func text(_ value: UInt64?) -> String { value.map { "\($0)" } ?? "max" }
    return "rbps=\(text(limits.read.bytes)) wbps=\(text(limits.write.bytes)) "
      + "riops=\(text(limits.read.operations)) wiops=\(text(limits.write.operations))"
  }
}
