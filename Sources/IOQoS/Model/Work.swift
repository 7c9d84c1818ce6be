/// How much IO was done: operations and bytes, as counts or as rates.
public struct Work: Sendable, Equatable {
  /// Operations.
  public var operations: Double
  /// Bytes.
  public var bytes: Double

  /// No work at all.
  public static let none = Work(operations: 0, bytes: 0)

  /// Takes both.
  public init(operations: Double, bytes: Double) {
    self.operations = operations
    self.bytes = bytes
  }

  /// Adds two amounts.
  public static func + (left: Work, right: Work) -> Work {
    Work(operations: left.operations + right.operations, bytes: left.bytes + right.bytes)
  }
}
