/// Numbers in kernel files, user databases and policies: digits only. No sign, no blank, no prefix, no overflow.
enum StrictNumber {
  /// A decimal number of at most `limit`, or nil.
  static func decimal<Number: FixedWidthInteger & UnsignedInteger>(
    _ bytes: some Sequence<UInt8>, upTo limit: Number
  ) -> Number? {
    var value: Number = 0
    var digits = 0
    for byte in bytes {
      guard (0x30...0x39).contains(byte) else { return nil }
      let (product, tooLarge) = value.multipliedReportingOverflow(by: 10)
      let (sum, carried) = product.addingReportingOverflow(Number(byte - 0x30))
      guard !tooLarge, !carried, sum <= limit else { return nil }
      value = sum
      digits += 1
    }
    return digits == 0 ? nil : value
  }

  /// One to sixteen hexadecimal digits, or nil.
  static func hexadecimal(_ bytes: some Sequence<UInt8>) -> UInt64? {
    var value: UInt64 = 0
    var digits = 0
    for byte in bytes {
      let digit: UInt8
      switch byte {
      case 0x30...0x39: digit = byte - 0x30
      case 0x41...0x46: digit = byte - 0x41 + 10
      case 0x61...0x66: digit = byte - 0x61 + 10
      default: return nil
      }
      guard digits < 16 else { return nil }
      value = value << 4 | UInt64(digit)
      digits += 1
    }
    return digits == 0 ? nil : value
  }
}
