import Faults

/// A whole number with a unit, as the kernel's files hold it.
public protocol Quantity: KernelValue, RawRepresentable<UInt64>, Comparable, ExpressibleByIntegerLiteral,
  Codable
{
  /// Wraps a number of units.
  init(_ rawValue: UInt64)
}

extension Quantity {
  /// Wraps a number of units.
  public init(rawValue: UInt64) { self.init(rawValue) }

  /// Wraps a number of units.
  public init(integerLiteral value: UInt64) { self.init(value) }

  /// Parses an unsigned decimal number.
  public init(parsing bytes: UnsafeBufferPointer<UInt8>) throws(Fault) {
    let content = ByteScanner(bytes).trimmed
    guard let number = content.number else { throw content.fault(expected: "a number") }
    self.init(number)
  }

  /// The number in decimal.
  public var kernelText: String { String(rawValue) }

  /// Orders by the number.
  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

  static func saturating(_ count: UInt64, times unit: UInt64) -> Self {
    let (product, overflows) = count.multipliedReportingOverflow(by: unit)
    return Self(overflows ? .max : product)
  }
}

/// A plain number, for example of processes.
public struct Count: Quantity {
  /// The number.
  public let rawValue: UInt64

  /// Wraps a number.
  public init(_ rawValue: UInt64) { self.rawValue = rawValue }
}

/// A number of bytes. The kernel rounds memory limits down to whole pages.
public struct Bytes: Quantity {
  /// The number of bytes.
  public let rawValue: UInt64

  /// Wraps a number of bytes.
  public init(_ rawValue: UInt64) { self.rawValue = rawValue }

  /// Units of 1,024 bytes; what doesn't fit 64 bits becomes the largest number.
  public static func kibibytes(_ count: UInt64) -> Bytes { saturating(count, times: 1 << 10) }

  /// Units of 1,048,576 bytes; what doesn't fit 64 bits becomes the largest number.
  public static func mebibytes(_ count: UInt64) -> Bytes { saturating(count, times: 1 << 20) }

  /// Units of 1,073,741,824 bytes; what doesn't fit 64 bits becomes the largest number.
  public static func gibibytes(_ count: UInt64) -> Bytes { saturating(count, times: 1 << 30) }
}

/// A length of time in microseconds, the kernel's default unit.
public struct Microseconds: Quantity {
  /// The number of microseconds.
  public let rawValue: UInt64

  /// Wraps a number of microseconds.
  public init(_ rawValue: UInt64) { self.rawValue = rawValue }

  /// Units of 1,000 microseconds; what doesn't fit 64 bits becomes the largest number.
  public static func milliseconds(_ count: UInt64) -> Microseconds { saturating(count, times: 1_000) }

  /// Units of 1,000,000 microseconds; what doesn't fit 64 bits becomes the largest number.
  public static func seconds(_ count: UInt64) -> Microseconds { saturating(count, times: 1_000_000) }

  /// The same length as the standard library's type.
  public var duration: Duration {
    let (seconds, rest) = rawValue.quotientAndRemainder(dividingBy: 1_000_000)
    return Duration(
      secondsComponent: Int64(seconds), attosecondsComponent: Int64(rest) * 1_000_000_000_000)
  }
}

/// A share of a parent's resource in proportion to its siblings' weights: 1 to 10,000, 100 by default.
public struct Weight: Quantity {
  /// The number.
  public let rawValue: UInt64

  /// Wraps a number; the kernel refuses what is out of its range.
  public init(_ rawValue: UInt64) { self.rawValue = rawValue }

  /// What every group starts with.
  public static let standard: Weight = 100
}
