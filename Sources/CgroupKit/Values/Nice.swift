import Faults

/// A nice value, -20 (favoured) to 19.
public struct Nice: KernelValue, Comparable, ExpressibleByIntegerLiteral {
  /// The number.
  public let rawValue: Int32

  /// Wraps a number; the kernel refuses what is out of its range.
  public init(_ rawValue: Int32) { self.rawValue = rawValue }

  /// Wraps a number.
  public init(integerLiteral value: Int32) { rawValue = value }

  /// Parses a signed decimal number.
  public init(parsing bytes: UnsafeBufferPointer<UInt8>) throws(Fault) {
    var scanner = ByteScanner(bytes).trimmed
    let whole = scanner
    let isNegative = scanner.skip(UInt8(ascii: "-"))
    guard let magnitude = scanner.number.flatMap({ Int32(exactly: $0) }) else {
      throw whole.fault(expected: "a nice value")
    }
    rawValue = isNegative ? -magnitude : magnitude
  }

  /// The number in decimal.
  public var kernelText: String { String(rawValue) }

  /// Orders by the number.
  public static func < (left: Nice, right: Nice) -> Bool { left.rawValue < right.rawValue }
}
