/// Reads JSON without the start-up cost of a general decoder.
///
/// It takes a part of the language: whole numbers, at most 32 levels, at most 64 members in an object, and no name
/// twice. Where it answers nil, a general decoder has to say whether the text is good.
struct JSONScanner {
  private static let deepest = 32

  private let bytes: ArraySlice<UInt8>
  private var position: Int

  private init(_ bytes: [UInt8]) {
    self.bytes = bytes[...]
    position = bytes.startIndex
  }

  /// Reads a whole text.
  static func scan(_ bytes: [UInt8]) -> JSONValue? {
    var scanner = Self(bytes)
    guard let value = scanner.value(depth: 0) else { return nil }
    scanner.skipSpace()
    return scanner.position == bytes.endIndex ? value : nil
  }

  private var current: UInt8? { position < bytes.endIndex ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte = current, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { position += 1 }
  }

  private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    skipSpace()
    guard current == UInt8(ascii: scalar) else { return false }
    position += 1
    return true
  }

  private mutating func word(_ text: StaticString, _ value: JSONValue) -> JSONValue? {
    for index in 0..<text.utf8CodeUnitCount {
      guard current == text.utf8Start[index] else { return nil }
      position += 1
    }
    return value
  }

  private mutating func value(depth: Int) -> JSONValue? {
    guard depth < Self.deepest else { return nil }
    skipSpace()
    switch current {
    case UInt8(ascii: "{"): return object(depth: depth)
    case UInt8(ascii: "["): return array(depth: depth)
    case UInt8(ascii: "\""): return string().map(JSONValue.string)
    case UInt8(ascii: "t"): return word("true", .bool(true))
    case UInt8(ascii: "f"): return word("false", .bool(false))
    case UInt8(ascii: "n"): return word("null", .null)
    default: return integer()
    }
  }

  private mutating func object(depth: Int) -> JSONValue? {
    position += 1
    var object = JSONObject()
    if take("}") { return .object(object) }
    repeat {
      skipSpace()
      guard current == UInt8(ascii: "\""), let name = string(), take(":") else { return nil }
      guard let value = value(depth: depth + 1), object.add(name, value) else { return nil }
    } while take(",")
    return take("}") ? .object(object) : nil
  }

  private mutating func array(depth: Int) -> JSONValue? {
    position += 1
    var elements: [JSONValue] = []
    if take("]") { return .array(elements) }
    repeat {
      guard let value = value(depth: depth + 1) else { return nil }
      elements.append(value)
    } while take(",")
    return take("]") ? .array(elements) : nil
  }

  /// A whole number without fraction and exponent that fits; without leading zeros, as RFC 8259 says.
  private mutating func integer() -> JSONValue? {
    let isNegative = current == UInt8(ascii: "-")
    if isNegative { position += 1 }
    let digits = position
    var number = 0
    while let byte = current, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
      let digit = Int(byte - UInt8(ascii: "0"))
      let tenfold = number.multipliedReportingOverflow(by: 10)
      let next = tenfold.partialValue.addingReportingOverflow(isNegative ? -digit : digit)
      guard !tenfold.overflow, !next.overflow else { return nil }
      number = next.partialValue
      position += 1
    }
    guard position > digits, position == digits + 1 || bytes[digits] != UInt8(ascii: "0") else { return nil }
    if let byte = current, byte == UInt8(ascii: ".") || byte | 0x20 == UInt8(ascii: "e") { return nil }
    return .integer(number)
  }

  private mutating func string() -> String? {
    position += 1
    var text: [UInt8] = []
    while let byte = current {
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        // Bytes that are no UTF-8 come out as others. String(validating:as:) takes a fresh process several times longer.
        let string = String(decoding: text, as: UTF8.self)
        return string.utf8.elementsEqual(text) ? string : nil
      case UInt8(ascii: "\\"):
        guard let scalar = escape() else { return nil }
        text.append(contentsOf: String(scalar).utf8)
      case 0..<0x20: return nil
      default: text.append(byte)
      }
    }
    return nil
  }

  private mutating func escape() -> Unicode.Scalar? {
    guard let byte = current else { return nil }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{c}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): return escapedUnit()
    default: return nil
    }
  }

  /// `\uXXXX`, and two of them for what lies beyond the basic plane.
  private mutating func escapedUnit() -> Unicode.Scalar? {
    guard let high = hexadecimal() else { return nil }
    guard (0xd800...0xdbff).contains(high) else { return Unicode.Scalar(high) }
    guard word("\\u", .null) != nil, let low = hexadecimal(), (0xdc00...0xdfff).contains(low) else {
      return nil
    }
    return Unicode.Scalar(0x10000 + (high - 0xd800) << 10 + (low - 0xdc00))
  }

  private mutating func hexadecimal() -> UInt32? {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = current, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { return nil }
      value = value << 4 | UInt32(digit)
      position += 1
    }
    return value
  }
}
