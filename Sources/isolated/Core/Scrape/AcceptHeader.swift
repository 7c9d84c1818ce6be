/// The `Accept` header of RFC 9110, section 12.5.1: media ranges with their qualities.
struct AcceptHeader: Sendable, Equatable {
  /// One range, its names in lower case.
  struct MediaRange: Sendable, Equatable {
    var type: String
    var subtype: String
    /// Parameters but `q`, in lower case apart from values.
    var parameters: [Parameter]
    /// From 0 to 1000.
    var quality: Int
  }

  struct Parameter: Sendable, Equatable {
    var name: String
    var value: String
  }

  /// How many ranges are looked at; what comes after is ignored.
  static let mostRanges = 64

  var ranges: [MediaRange]

  /// Reads the header's lines. A range that can't be understood is skipped.
  init(_ lines: [String]) {
    ranges = []
    for line in lines {
      for element in Self.split(Array(line.utf8)[...], at: UInt8(ascii: ",")) {
        guard ranges.count < Self.mostRanges else { return }
        if let range = MediaRange(element) { ranges.append(range) }
      }
    }
  }

  /// The parts between separators that stand outside of quotes.
  fileprivate static func split(_ text: ArraySlice<UInt8>, at separator: UInt8) -> [ArraySlice<UInt8>] {
    var parts: [ArraySlice<UInt8>] = []
    var start = text.startIndex
    var isQuoted = false
    var isEscaped = false
    for index in text.indices {
      let byte = text[index]
      if isEscaped {
        isEscaped = false
      } else if isQuoted, byte == UInt8(ascii: "\\") {
        isEscaped = true
      } else if byte == UInt8(ascii: "\"") {
        isQuoted.toggle()
      } else if byte == separator, !isQuoted {
        parts.append(text[start..<index])
        start = index + 1
      }
    }
    parts.append(text[start...])
    return parts
  }
}

extension AcceptHeader.MediaRange {
  /// `type/subtype;name=value;q=0.5`, or nil where it is something else.
  fileprivate init?(_ text: ArraySlice<UInt8>) {
    let parts = AcceptHeader.split(text, at: UInt8(ascii: ";"))
    guard let range = parts.first else { return nil }
    let names = range.trimmed.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    guard names.count == 2, let type = names[0].token, let subtype = names[1].token else { return nil }
    guard type != "*" || subtype == "*" else { return nil }
    self.init(type: type, subtype: subtype, parameters: [], quality: 1000)
    for part in parts.dropFirst() {
      let part = part.trimmed
      if part.isEmpty { continue }
      guard let equals = part.firstIndex(of: UInt8(ascii: "=")), let name = part[..<equals].token else { return nil }
      let value = String(decoding: part[(equals + 1)...].unquoted, as: UTF8.self)
      if name == "q" {
        guard let quality = Self.quality(value) else { return nil }
        self.quality = quality
      } else {
        parameters.append(AcceptHeader.Parameter(name: name, value: value))
      }
    }
  }

  /// A qvalue in thousandths; digits beyond the third are cut off.
  private static func quality(_ text: String) -> Int? {
    let bytes = Array(text.utf8)
    guard let first = bytes.first, first == UInt8(ascii: "0") || first == UInt8(ascii: "1") else { return nil }
    var thousandths = first == UInt8(ascii: "1") ? 1000 : 0
    guard bytes.count > 1 else { return thousandths }
    guard bytes[1] == UInt8(ascii: ".") else { return nil }
    var weight = 100
    for byte in bytes.dropFirst(2) {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
      thousandths += Int(byte - UInt8(ascii: "0")) * weight
      weight /= 10
    }
    return thousandths <= 1000 ? thousandths : nil
  }
}

extension ArraySlice<UInt8> {
  /// Without spaces and tabs at both ends.
  fileprivate var trimmed: Self {
    let isBlank: (UInt8) -> Bool = { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
    var rest = drop(while: isBlank)
    while let last = rest.last, isBlank(last) { rest.removeLast() }
    return rest
  }

  /// A token of RFC 9110, section 5.6.2, in lower case; nil where it is none.
  fileprivate var token: String? {
    guard !isEmpty else { return nil }
    for byte in self {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        continue
      default: guard "!#$%&'*+-.^_`|~".utf8.contains(byte) else { return nil }
      }
    }
    return String(decoding: self, as: UTF8.self).lowercased()
  }

  /// What a quoted string stands for; anything else as it is.
  fileprivate var unquoted: [UInt8] {
    guard count >= 2, first == UInt8(ascii: "\""), last == UInt8(ascii: "\"") else { return Array(self) }
    var result: [UInt8] = []
    var isEscaped = false
    for byte in dropFirst().dropLast() {
      if !isEscaped, byte == UInt8(ascii: "\\") {
        isEscaped = true
      } else {
        isEscaped = false
        result.append(byte)
      }
    }
    return result
  }
}
