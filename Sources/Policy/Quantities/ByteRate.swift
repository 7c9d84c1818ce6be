/// Bytes a second: `80MiB/s`.
public struct ByteRate: Quantity, Comparable {
  /// The number of bytes in one second.
  public let bytesPerSecond: UInt64

  /// Takes a number of bytes in one second.
  public init(bytesPerSecond: UInt64) { self.bytesPerSecond = bytesPerSecond }

  /// How a message names it.
  public static let expectation = "a rate such as 80MiB/s"

  /// Parses a ``ByteSize`` followed by `/s`.
  public init(parsing text: String) throws(QuantityError) {
    guard text.hasSuffix("/s") else {
      let isSize = (try? ByteSize(parsing: text)) != nil
      throw QuantityError(
        "\"\(text.shortened)\" is not \(Self.expectation)",
        mend: isSize && text != "0" ? "write \(text.shortened)/s" : nil)
    }
    let size = String(text.dropLast(2))
    guard size != "0" else {
      bytesPerSecond = 0
      return
    }
    bytesPerSecond = try ByteSize(parsing: size).bytes
  }

  /// The rate in the largest unit that divides it.
  public var description: String { "\(ByteSize(bytes: bytesPerSecond))/s" }

  /// Compares rates.
  public static func < (left: Self, right: Self) -> Bool { left.bytesPerSecond < right.bytesPerSecond }
}
