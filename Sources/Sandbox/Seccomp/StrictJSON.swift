import Faults

/// A JSON value with the place where it stands, for texts that a person wrote and may have got wrong.
///
/// Stricter than most readers: duplicate keys, texts after the value, unpaired surrogates, invalid UTF-8 and numbers
/// that aren't whole and at most 64 bits wide are errors, as is more than ``maximumDepth`` of nesting.
struct StrictJSON {
  indirect enum Value {
    case object([Member])
    case array([StrictJSON])
    case string(String)
    /// A whole number that isn't negative; nothing in a profile is anything else.
    case number(UInt64)
    case boolean(Bool)
    case null
  }

  struct Member {
    var key: String
    var position: Fault.Position
    var value: StrictJSON
  }

  static let maximumDepth = 16

  var value: Value
  var position: Fault.Position

  /// Reads a whole text.
  ///
  /// - Throws: ``Faults/Fault`` `seccomp.malformed-profile` with the place.
  static func parse(_ bytes: [UInt8], file: String) throws(Fault) -> StrictJSON {
    var reader = StrictJSONReader(bytes: bytes, file: file)
    return try reader.document()
  }
}

private struct StrictJSONReader {
  let bytes: [UInt8]
  let file: String
  var index = 0
  var line = 1
  var lineStart = 0
  /// How far into the line characters have been counted, and how many: counting from its start for every value would
  /// take quadratic time on a profile of one line.
  var counted = (index: 0, characters: 0)

  init(bytes: [UInt8], file: String) {
    self.bytes = bytes
    self.file = file
  }

  var current: UInt8? { index < bytes.count ? bytes[index] : nil }

  /// Columns are counted in characters, so continuation bytes of UTF-8 don't count.
  mutating func position() -> Fault.Position {
    if counted.index < lineStart || counted.index > index { counted = (lineStart, 0) }
    for byte in bytes[counted.index..<index] where byte & 0xC0 != 0x80 { counted.characters += 1 }
    counted.index = index
    return Fault.Position(file: file, line: line, column: counted.characters + 1)
  }

  mutating func malformed(_ message: String) -> Fault {
    Fault(.malformedSeccompProfile, message, position: position())
  }

  mutating func document() throws(Fault) -> StrictJSON {
    skipBlanks()
    let value = try value(depth: 0)
    skipBlanks()
    guard current == nil else { throw malformed("there is text after the end of the value") }
    return value
  }

  mutating func skipBlanks() {
    while let byte = current {
      switch byte {
      case 0x0A:
        index += 1
        line += 1
        lineStart = index
      case 0x20, 0x09, 0x0D: index += 1
      default: return
      }
    }
  }

  mutating func take(_ byte: UInt8) -> Bool {
    guard current == byte else { return false }
    index += 1
    return true
  }

  mutating func value(depth: Int) throws(Fault) -> StrictJSON {
    guard depth < StrictJSON.maximumDepth else {
      throw malformed("values are nested more than \(StrictJSON.maximumDepth) deep")
    }
    let start = position()
    switch current {
    case UInt8(ascii: "{"): return StrictJSON(value: .object(try members(depth: depth)), position: start)
    case UInt8(ascii: "["): return StrictJSON(value: .array(try elements(depth: depth)), position: start)
    case UInt8(ascii: "\""): return StrictJSON(value: .string(try string()), position: start)
    case UInt8(ascii: "t"): return StrictJSON(value: try word("true", .boolean(true)), position: start)
    case UInt8(ascii: "f"): return StrictJSON(value: try word("false", .boolean(false)), position: start)
    case UInt8(ascii: "n"): return StrictJSON(value: try word("null", .null), position: start)
    case .some(0x30...0x39): return StrictJSON(value: .number(try number()), position: start)
    case nil: throw malformed("the text ends where a value should be")
    default: throw malformed("this is no JSON value")
    }
  }

  mutating func word(_ text: StaticString, _ value: StrictJSON.Value) throws(Fault) -> StrictJSON.Value {
    let length = text.utf8CodeUnitCount
    let matches = text.withUTF8Buffer { bytes[index...].starts(with: $0) }
    guard matches else { throw malformed("this is no JSON value") }
    index += length
    return value
  }

  mutating func number() throws(Fault) -> UInt64 {
    let start = index
    while let byte = current, (0x30...0x39).contains(byte) { index += 1 }
    let digits = bytes[start..<index]
    let isFraction = current.map { [UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E")].contains($0) }
    guard isFraction != true, digits.count == 1 || digits.first != 0x30,
      let number = StrictNumber.decimal(digits, upTo: UInt64.max)
    else {
      index = start
      throw malformed(
        "numbers here are whole, not negative, without leading zeros and at most 18446744073709551615")
    }
    return number
  }

  mutating func elements(depth: Int) throws(Fault) -> [StrictJSON] {
    index += 1
    var elements: [StrictJSON] = []
    skipBlanks()
    if take(UInt8(ascii: "]")) { return elements }
    while true {
      skipBlanks()
      elements.append(try value(depth: depth + 1))
      skipBlanks()
      if take(UInt8(ascii: "]")) { return elements }
      guard take(UInt8(ascii: ",")) else { throw malformed("a comma or ] should be here") }
    }
  }

  mutating func members(depth: Int) throws(Fault) -> [StrictJSON.Member] {
    index += 1
    var members: [StrictJSON.Member] = []
    var keys: Set<String> = []
    skipBlanks()
    if take(UInt8(ascii: "}")) { return members }
    while true {
      skipBlanks()
      let start = position()
      guard current == UInt8(ascii: "\"") else { throw malformed("a key in quotes should be here") }
      let key = try string()
      guard keys.insert(key).inserted else {
        throw Fault(.malformedSeccompProfile, "the key \(quotedName(key)) is here twice", position: start)
      }
      skipBlanks()
      guard take(UInt8(ascii: ":")) else { throw malformed("a colon should be here") }
      skipBlanks()
      members.append(StrictJSON.Member(key: key, position: start, value: try value(depth: depth + 1)))
      skipBlanks()
      if take(UInt8(ascii: "}")) { return members }
      guard take(UInt8(ascii: ",")) else { throw malformed("a comma or } should be here") }
    }
  }

  mutating func string() throws(Fault) -> String {
    index += 1
    var contents: [UInt8] = []
    while let byte = current {
      switch byte {
      case UInt8(ascii: "\""):
        index += 1
        guard let text = String(validating: contents, as: UTF8.self) else {
          throw malformed("this string isn't UTF-8")
        }
        return text
      case 0..<0x20: throw malformed("a string can't hold a control character")
      case UInt8(ascii: "\\"):
        index += 1
        try escape(into: &contents)
      default:
        contents.append(byte)
        index += 1
      }
    }
    throw malformed("the text ends inside a string")
  }

  mutating func escape(into contents: inout [UInt8]) throws(Fault) {
    guard let byte = current else { throw malformed("the text ends inside a string") }
    index += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): contents.append(byte)
    case UInt8(ascii: "b"): contents.append(0x08)
    case UInt8(ascii: "f"): contents.append(0x0C)
    case UInt8(ascii: "n"): contents.append(0x0A)
    case UInt8(ascii: "r"): contents.append(0x0D)
    case UInt8(ascii: "t"): contents.append(0x09)
    case UInt8(ascii: "u"):
      var code = try unit()
      if (0xD800..<0xDC00).contains(code), take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) {
        let low = try unit()
        guard (0xDC00..<0xE000).contains(low) else { throw malformed("this surrogate has no partner") }
        code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
      }
      guard let scalar = Unicode.Scalar(code) else { throw malformed("this surrogate has no partner") }
      contents.append(contentsOf: String(Character(scalar)).utf8)
    default: throw malformed("JSON has no such escape")
    }
  }

  mutating func unit() throws(Fault) -> UInt32 {
    let end = index + 4
    guard end <= bytes.count, let unit = StrictNumber.hexadecimal(bytes[index..<end]) else {
      throw malformed("\\u takes four hexadecimal digits")
    }
    index = end
    return UInt32(unit)
  }
}
