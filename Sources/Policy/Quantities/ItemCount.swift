/// A number of things: `500`, `20k`, `1M`, `1.5M`; `k`, `M` and `G` are powers of 1000.
public struct ItemCount: Quantity, Comparable {
  /// The number.
  public let number: UInt64

  /// Takes a number.
  public init(_ number: UInt64) { self.number = number }

  /// How a message names it.
  public static let expectation = "a number such as 500, 20k or 1M"

  /// Parses a whole number.
  public init(parsing text: String) throws(QuantityError) {
    let parts = try QuantityParts(text, expectation: Self.expectation)
    guard let unit = Self.units.first(where: { $0.name == parts.unit }) else {
      throw QuantityError(
        "\"\(text.shortened)\" is not \(Self.expectation)", mend: "the units are k, M and G, powers of 1000")
    }
    guard let number = parts.scaled(by: unit.factor) else {
      throw QuantityError("\"\(text.shortened)\" is not a whole number, or too large")
    }
    self.number = number
  }

  /// The number with the largest unit that divides it.
  public var description: String {
    guard number > 0, let unit = Self.units.first(where: { number.isMultiple(of: $0.factor) }) else {
      return "\(number)"
    }
    return "\(number / unit.factor)\(unit.name)"
  }

  /// Compares numbers.
  public static func < (left: Self, right: Self) -> Bool { left.number < right.number }

  private static let units: [(name: String, factor: UInt64)] = [
    ("G", 1_000_000_000), ("M", 1_000_000), ("k", 1000), ("", 1),
  ]
}
