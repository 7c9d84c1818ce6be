/// A length of time in microseconds: `500us`, `20ms`, `1.5s`, `2min`, `1h`.
public struct TimeSpan: Quantity, Comparable {
  /// The number of microseconds.
  public let microseconds: UInt64

  /// Takes a number of microseconds.
  public init(microseconds: UInt64) { self.microseconds = microseconds }

  /// How a message names it.
  public static let expectation = "a time such as 20ms"

  /// Parses a whole number of microseconds with its unit; only 0 stands without one.
  public init(parsing text: String) throws(QuantityError) {
    let parts = try QuantityParts(text, expectation: Self.expectation)
    if parts.unit.isEmpty {
      guard parts.whole == 0, parts.fraction.isEmpty else {
        throw QuantityError(
          "\"\(text.shortened)\" has no unit",
          mend: "write \(text.shortened)ms or \(text.shortened)s, for example")
      }
      microseconds = 0
      return
    }
    guard let unit = Self.units.first(where: { $0.name == parts.unit }) else {
      let meant = [
        "sec": "s", "m": "min", "µs": "us", "μs": "us", "hr": "h", "minutes": "min", "seconds": "s",
      ]
      throw QuantityError(
        "\"\(text.shortened)\" has the unknown unit \"\(parts.unit.shortened)\"",
        mend: meant[parts.unit].map { "did you mean \($0)?" } ?? "the units are us, ms, s, min and h")
    }
    guard let microseconds = parts.scaled(by: unit.microseconds) else {
      guard parts.fraction.isEmpty else {
        throw QuantityError("\"\(text.shortened)\" is not a whole number of microseconds, or too large")
      }
      throw QuantityError("\"\(text.shortened)\" is more than 64 bits can count")
    }
    self.microseconds = microseconds
  }

  /// The span as the standard library's type; spans beyond its range are cut to it.
  public var duration: Duration { .microseconds(Int64(clamping: microseconds)) }

  /// The span in the largest unit that divides it.
  public var description: String {
    guard microseconds > 0 else { return "0" }
    let unit = Self.units.first { microseconds.isMultiple(of: $0.microseconds) }
    guard let unit else { return "\(microseconds)us" }
    return "\(microseconds / unit.microseconds)\(unit.name)"
  }

  /// Compares lengths.
  public static func < (left: Self, right: Self) -> Bool { left.microseconds < right.microseconds }

  private static let units: [(name: String, microseconds: UInt64)] = [
    ("h", 3_600_000_000), ("min", 60_000_000), ("s", 1_000_000), ("ms", 1000), ("us", 1),
  ]
}
