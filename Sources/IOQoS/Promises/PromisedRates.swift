/// Operations and bytes a second, either or both.
public struct PromisedRate: Sendable, Equatable, Codable {
  /// Operations a second.
  public var operations: Double?
  /// Bytes a second.
  public var bytes: Double?

  /// Takes either, both or none.
  public init(operations: Double? = nil, bytes: Double? = nil) {
    self.operations = operations
    self.bytes = bytes
  }

  /// Whether nothing is given.
  public var isEmpty: Bool { operations == nil && bytes == nil }

  /// Whether every number given is finite and more than 0.
  public var isValid: Bool {
    [operations, bytes].allSatisfy { value in value.map { $0 > 0 && $0.isFinite } ?? true }
  }

  /// Both numbers, multiplied.
  func scaled(by factor: Double) -> PromisedRate {
    PromisedRate(operations: operations.map { $0 * factor }, bytes: bytes.map { $0 * factor })
  }
}

/// Rates for each direction and for both together; what is given holds at once.
public struct PromisedRates: Sendable, Equatable, Codable {
  /// For reads.
  public var read: PromisedRate
  /// For writes.
  public var write: PromisedRate
  /// For reads and writes together, in any mixture.
  public var together: PromisedRate

  /// Nothing at all.
  public static let none = PromisedRates()

  /// Takes what is given.
  public init(
    read: PromisedRate = PromisedRate(), write: PromisedRate = PromisedRate(), together: PromisedRate = PromisedRate()
  ) {
    self.read = read
    self.write = write
    self.together = together
  }

  /// Whether nothing is given.
  public var isEmpty: Bool { read.isEmpty && write.isEmpty && together.isEmpty }

  /// Whether every number given is finite and more than 0.
  public var isValid: Bool { read.isValid && write.isValid && together.isValid }

  /// Every number, multiplied.
  public func scaled(by factor: Double) -> PromisedRates {
    PromisedRates(read: read.scaled(by: factor), write: write.scaled(by: factor), together: together.scaled(by: factor))
  }
}
