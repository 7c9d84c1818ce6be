import Faults

/// A percentage with two digits after the point, the form in which the kernel prints parts of a whole.
public struct Percent: KernelValue, Comparable, Codable, ExpressibleByIntegerLiteral {
  /// Hundredths of a percent: 1,234 stands for 12.34 %.
  public let hundredths: UInt64

  /// Wraps hundredths of a percent.
  public init(hundredths: UInt64) { self.hundredths = hundredths }

  /// Whole percents; what doesn't fit 64 bits becomes the largest number.
  public init(_ percents: UInt64) {
    let (product, overflows) = percents.multipliedReportingOverflow(by: 100)
    hundredths = overflows ? .max : product
  }

  /// Whole percents written as a number.
  public init(integerLiteral value: UInt64) { self.init(value) }

  /// Parses `12`, `12.3` or `12.34`.
  public init(parsing bytes: UnsafeBufferPointer<UInt8>) throws(Fault) {
    var scanner = ByteScanner(bytes).trimmed
    let whole = scanner
    guard let percents = scanner.digits() else { throw whole.fault(expected: "a percentage") }
    var fraction: UInt64 = 0
    if scanner.skip(UInt8(ascii: ".")) {
      let length = scanner.rest.count
      guard 1...2 ~= length, let digits = scanner.number else { throw whole.fault(expected: "a percentage") }
      fraction = length == 1 ? digits * 10 : digits
    } else if !scanner.isAtEnd {
      throw whole.fault(expected: "a percentage")
    }
    let (product, isTooLarge) = percents.multipliedReportingOverflow(by: 100)
    let (sum, overflows) = product.addingReportingOverflow(fraction)
    guard !isTooLarge, !overflows else { throw whole.fault(expected: "a percentage") }
    hundredths = sum
  }

  /// The share as a fraction of one: 12.34 % is 0.1234.
  public var fraction: Double { Double(hundredths) / 10_000 }

  /// `12.34`.
  public var kernelText: String {
    let (percents, rest) = hundredths.quotientAndRemainder(dividingBy: 100)
    return "\(percents).\(rest < 10 ? "0" : "")\(rest)"
  }

  /// Orders by size.
  public static func < (left: Percent, right: Percent) -> Bool { left.hundredths < right.hundredths }
}
