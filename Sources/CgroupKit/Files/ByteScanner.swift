import Faults

/// A hand parser over bytes: walks lines, words and numbers without copying or allocating.
///
/// It borrows memory that the caller lends for the length of a parse, and every step is checked against its end.
struct ByteScanner {
  private let bytes: UnsafeBufferPointer<UInt8>
  private var position = 0

  init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  /// What hasn't been walked yet.
  var rest: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(rebasing: bytes[position...]) }

  /// Whether everything has been walked.
  var isAtEnd: Bool { position >= bytes.count }

  /// The rest as text, for names and messages.
  var text: String { String(decoding: rest, as: UTF8.self) }

  /// Takes the next line, without its newline; `nil` at the end.
  mutating func line() -> ByteScanner? {
    guard !isAtEnd else { return nil }
    return take(upTo: UInt8(ascii: "\n"))
  }

  /// Takes the next word: what stands between spaces, tabs and newlines; `nil` where only those are left.
  mutating func word() -> ByteScanner? {
    while position < bytes.count, Self.isBlank(bytes[position]) { position += 1 }
    guard !isAtEnd else { return nil }
    let start = position
    while position < bytes.count, !Self.isBlank(bytes[position]) { position += 1 }
    return ByteScanner(UnsafeBufferPointer(rebasing: bytes[start..<position]))
  }

  /// Takes what stands before the next `separator`, and drops that; everything where there is none.
  mutating func take(upTo separator: UInt8) -> ByteScanner {
    let start = position
    while position < bytes.count, bytes[position] != separator { position += 1 }
    let part = UnsafeBufferPointer(rebasing: bytes[start..<position])
    if position < bytes.count { position += 1 }
    return ByteScanner(part)
  }

  /// Steps over one byte if it is `byte`.
  mutating func skip(_ byte: UInt8) -> Bool {
    guard position < bytes.count, bytes[position] == byte else { return false }
    position += 1
    return true
  }

  /// Takes the decimal digits that come next; `nil` where there is none or the number doesn't fit 64 bits.
  mutating func digits() -> UInt64? {
    let start = position
    var value: UInt64 = 0
    while position < bytes.count {
      let digit = bytes[position] &- UInt8(ascii: "0")
      guard digit <= 9 else { break }
      let (product, isTooLarge) = value.multipliedReportingOverflow(by: 10)
      let (sum, overflows) = product.addingReportingOverflow(UInt64(digit))
      guard !isTooLarge, !overflows else { return nil }
      value = sum
      position += 1
    }
    return position > start ? value : nil
  }

  /// The rest as one unsigned decimal number; `nil` where it is anything else.
  var number: UInt64? {
    var scanner = self
    guard let value = scanner.digits(), scanner.isAtEnd else { return nil }
    return value
  }

  /// The rest as one number of 32 bits; `nil` where it is anything else.
  var number32: UInt32? { number.flatMap { UInt32(exactly: $0) } }

  /// Whether the rest is exactly this ASCII text.
  func equals(_ text: StaticString) -> Bool {
    let count = text.utf8CodeUnitCount
    guard bytes.count - position == count else { return false }
    let other = text.utf8Start
    for index in 0..<count where bytes[position + index] != other[index] { return false }
    return true
  }

  /// Whether the rest begins with `text`.
  func starts(with text: StaticString) -> Bool {
    let count = text.utf8CodeUnitCount
    guard bytes.count - position >= count else { return false }
    let other = text.utf8Start
    for index in 0..<count where bytes[position + index] != other[index] { return false }
    return true
  }

  /// The rest without the blanks at its end; most files end with a newline.
  var trimmed: ByteScanner {
    var end = bytes.count
    while end > position, Self.isBlank(bytes[end - 1]) { end -= 1 }
    return ByteScanner(UnsafeBufferPointer(rebasing: bytes[position..<end]))
  }

  /// The error for text that isn't what was expected.
  func fault(expected: String) -> Fault {
    Fault(.unreadableText, "expected \(expected), found \(excerpt(text))")
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\t")
  }
}

extension ByteScanner {
  /// Walks a flat-keyed file: one `key value` per line, the value an unsigned number.
  ///
  /// Lines whose value is no number end the walk with a fault, since a cut or foreign file must not read as zeros.
  static func forEachFlatKey(
    _ bytes: UnsafeBufferPointer<UInt8>, _ body: (_ key: ByteScanner, _ value: UInt64) -> Void
  ) throws(Fault) {
    var scanner = ByteScanner(bytes)
    while var line = scanner.line() {
      let whole = line
      guard let key = line.word() else { continue }
      guard let value = line.word()?.number, line.word() == nil else {
        throw whole.fault(expected: "a key and a number")
      }
      body(key, value)
    }
  }
}
