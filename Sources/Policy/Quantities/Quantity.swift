/// A number with a unit, as people write it in a policy.
///
/// `init(parsing:)` accepts exactly one spelling of a number (decimal digits, without sign, separator,
/// leading zero or space) and a unit; ``description`` renders text that parses back to the same value.
public protocol Quantity: Hashable, Sendable, CustomStringConvertible {
  /// What the quantity is called in a message, with an example: `a size such as 128MiB`.
  static var expectation: String { get }
  /// Parses `text` in full.
  init(parsing text: String) throws(QuantityError)
}

/// Why a text isn't the quantity that was asked for.
public struct QuantityError: Error, Hashable, Sendable {
  /// What is wrong with the text.
  public var message: String
  /// How to write it instead.
  public var mend: String?

  /// Describes a refusal.
  public init(_ message: String, mend: String? = nil) {
    self.message = message
    self.mend = mend
  }
}

/// The digits and the unit of a quantity's text.
struct QuantityParts {
  /// The number before the decimal point.
  let whole: UInt64
  /// The digits after the decimal point; empty without one.
  let fraction: [UInt8]
  /// What follows the digits.
  let unit: String

  /// Splits `text`; `expectation` completes the message of a refusal.
  init(_ text: String, expectation: String) throws(QuantityError) {
    let bytes = Array(text.utf8)
    let digits = bytes.prefix { (48...57).contains($0) }
    guard !digits.isEmpty else {
      throw QuantityError("\"\(text.shortened)\" is not \(expectation)")
    }
    guard digits.count == 1 || digits.first != 48 else {
      throw QuantityError(
        "\"\(text.shortened)\" starts with a zero", mend: "write it without the leading zero")
    }
    guard let whole = UInt64(String(decoding: digits, as: UTF8.self)) else {
      throw QuantityError("\"\(text.shortened)\" is too large")
    }
    var rest = bytes.dropFirst(digits.count)
    var fraction: [UInt8] = []
    if rest.first == 46 {
      fraction = Array(rest.dropFirst().prefix { (48...57).contains($0) })
      guard !fraction.isEmpty, fraction.count <= 9 else {
        throw QuantityError("\"\(text.shortened)\" is not \(expectation)")
      }
      rest = rest.dropFirst(1 + fraction.count)
    }
    self.whole = whole
    self.fraction = fraction
    unit = String(decoding: rest, as: UTF8.self)
  }

  /// The number times `multiplier`; `nil` where that overflows 64 bits or isn't whole.
  func scaled(by multiplier: UInt64) -> UInt64? {
    let (product, overflow) = whole.multipliedReportingOverflow(by: multiplier)
    guard !overflow else { return nil }
    var numerator: UInt64 = 0
    var denominator: UInt64 = 1
    for digit in fraction {
      numerator = numerator * 10 + UInt64(digit - 48)
      denominator *= 10
    }
    let part = numerator.multipliedFullWidth(by: multiplier)
    guard part.high < denominator else { return nil }
    let (quotient, remainder) = denominator.dividingFullWidth(part)
    guard remainder == 0 else { return nil }
    let (sum, carry) = product.addingReportingOverflow(quotient)
    return carry ? nil : sum
  }
}

extension String {
  /// The text for a message: control characters replaced, and cut after 64 characters.
  var shortened: String {
    var text = ""
    for (index, scalar) in unicodeScalars.enumerated() {
      guard index < 64 else { return text + "…" }
      text.unicodeScalars.append(scalar.value < 32 || scalar.value == 127 ? "\u{FFFD}" : scalar)
    }
    return text
  }
}
