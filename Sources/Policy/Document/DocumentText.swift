import Faults

/// A document's text after the checks that come before YAML: length, encoding, characters.
struct DocumentText {
  /// The characters, without a byte order mark.
  let scalars: [Unicode.Scalar]
  /// The file's name, for positions.
  let file: String
  /// The first word of every fault's code.
  let domain: String

  /// The longest text: far beyond any real document, and short enough that a hostile one costs little.
  static let maximumBytes = 1 << 16

  init(_ bytes: some Collection<UInt8>, file: String, domain: String) throws(PolicyErrors) {
    self.file = file
    self.domain = domain
    guard bytes.count <= Self.maximumBytes else {
      throw PolicyErrors(
        Fault(
          DocumentProblem.tooLong.code(in: domain), "the document is longer than \(Self.maximumBytes) bytes",
          position: Fault.Position(file: file, line: 1, column: 1)))
    }
    var scalars: [Unicode.Scalar] = []
    scalars.reserveCapacity(bytes.count)
    var decoder = UTF8()
    var iterator = bytes.makeIterator()
    var place = Fault.Position(file: file, line: 1, column: 1)
    decoding: while true {
      switch decoder.decode(&iterator) {
      case .emptyInput: break decoding
      case .error:
        throw PolicyErrors(
          Fault(
            DocumentProblem.encoding.code(in: domain), "the text is not UTF-8", position: place,
            mend: "save the file as UTF-8"))
      case .scalarValue(let scalar):
        if scalar == "\u{FEFF}", scalars.isEmpty { continue }
        if let objection = Self.objection(to: scalar) {
          throw PolicyErrors(
            Fault(DocumentProblem.encoding.code(in: domain), objection, position: place, mend: "remove it"))
        }
        Self.advance(&place, over: scalar, after: scalars.last)
        scalars.append(scalar)
      }
    }
    self.scalars = scalars
  }

  /// The characters in UTF-8.
  var utf8: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(scalars.count)
    for scalar in scalars { bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter) }
    return bytes
  }

  /// Where each line starts: the same count of lines that libyaml makes.
  func lineStarts() -> [Int] {
    var starts = [0]
    for (index, scalar) in scalars.enumerated() {
      let isReturnOfPair = scalar == "\r" && index + 1 < scalars.count && scalars[index + 1] == "\n"
      if scalar == "\n" || (scalar == "\r" && !isReturnOfPair) { starts.append(index + 1) }
    }
    return starts
  }

  /// The lines without their ends.
  func lines() -> [ArraySlice<Unicode.Scalar>] {
    let starts = lineStarts()
    return starts.indices.map { index in
      let end = index + 1 < starts.count ? starts[index + 1] : scalars.count
      let line = scalars[starts[index]..<end]
      return line.prefix { $0 != "\n" && $0 != "\r" }
    }
  }

  private static func advance(
    _ place: inout Fault.Position, over scalar: Unicode.Scalar, after previous: Unicode.Scalar?
  ) {
    switch scalar {
    case "\n" where previous == "\r": place.column = 1
    case "\n", "\r":
      place.line += 1
      place.column = 1
    default: place.column += 1
    }
  }

  /// Why a character is refused. Beyond what YAML refuses, this takes out what an editor doesn't show as it
  /// is: line breaks other than LF and CR, changes of direction, and private use, for which no font has the
  /// same glyph.
  private static func objection(to scalar: Unicode.Scalar) -> String? {
    let number = String(scalar.value, radix: 16, uppercase: true)
    let name = "U+" + String(repeating: "0", count: max(0, 4 - number.count)) + number
    switch scalar.value {
    case 0x09, 0x0A, 0x0D: return nil
    case 0x00...0x1F, 0x7F...0x9F: return "the control character \(name) is not allowed"
    case 0x2028, 0x2029: return "the line separator \(name) is not allowed"
    case 0x200B...0x200F, 0x202A...0x202E, 0x2060...0x2069, 0xFEFF:
      return "the invisible character \(name) is not allowed"
    case 0xE000...0xF8FF: return "the private-use character \(name) is not allowed"
    case 0xFFFE, 0xFFFF: return "the character \(name) is not allowed"
    default: return nil
    }
  }
}
