/// A share in hundredths of a per cent: `150%`, `12.5%`.
public struct Percentage: Quantity, Comparable {
  /// The share in hundredths of a per cent: 100 % is 10000.
  public let basisPoints: UInt64

  /// Takes a share in hundredths of a per cent.
  public init(basisPoints: UInt64) { self.basisPoints = basisPoints }

  /// How a message names it.
  public static let expectation = "a percentage such as 150%"

  /// Parses a number with at most two decimal places, followed by `%`.
  public init(parsing text: String) throws(QuantityError) {
    let parts = try QuantityParts(text, expectation: Self.expectation)
    guard parts.unit == "%" else {
      throw QuantityError(
        "\"\(text.shortened)\" is not \(Self.expectation)",
        mend: parts.unit.isEmpty ? "write \(text.shortened)%, if per cent is meant" : nil)
    }
    guard let basisPoints = parts.scaled(by: 100) else {
      throw QuantityError("\"\(text.shortened)\" is too large, or has more than two decimal places")
    }
    self.basisPoints = basisPoints
  }

  /// The share with as many decimal places as it needs.
  public var description: String {
    let (whole, rest) = basisPoints.quotientAndRemainder(dividingBy: 100)
    if rest == 0 { return "\(whole)%" }
    if rest.isMultiple(of: 10) { return "\(whole).\(rest / 10)%" }
    return "\(whole).\(rest < 10 ? "0" : "")\(rest)%"
  }

  /// Compares shares.
  public static func < (left: Self, right: Self) -> Bool { left.basisPoints < right.basisPoints }
}
