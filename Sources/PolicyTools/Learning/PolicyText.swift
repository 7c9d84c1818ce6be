/// Writes YAML as policies take it: what some reader might take for something else is quoted.
public struct PolicyText: Sendable {
  /// The lines so far, each ended.
  public private(set) var text = ""

  private static let widest = 110

  /// Nothing.
  public init() {}

  /// A line as it is.
  public mutating func line(_ text: String) { self.text += text + "\n" }

  /// A comment, on as many lines as it takes.
  public mutating func comment(_ sentence: String, indent: Int = 0) {
    let margin = String(repeating: " ", count: indent) + "#"
    var current = margin
    for word in Self.harmless(sentence).split(separator: " ") {
      if current.utf8.count + word.utf8.count + 1 > Self.widest, current != margin {
        line(current)
        current = margin
      }
      current += " " + word
    }
    line(current)
  }

  /// `key: [a, b]`, on as many lines as it takes.
  public mutating func list(_ key: String, _ items: [String], indent: Int = 0) {
    let margin = String(repeating: " ", count: indent)
    var current = "\(margin)\(key): ["
    for (index, item) in items.enumerated() {
      let word = Self.scalar(item) + (index == items.count - 1 ? "]" : ",")
      if current.utf8.count + word.utf8.count + 1 > Self.widest, !current.hasSuffix("[") {
        line(current)
        current = margin + "  "
      }
      current += (current.hasSuffix("[") || current.hasSuffix("  ") ? "" : " ") + word
    }
    line(items.isEmpty ? current + "]" : current)
  }

  /// A text as a YAML scalar.
  public static func scalar(_ text: String) -> String {
    let first = text.utf8.first ?? 0
    let isPlain =
      (first == UInt8(ascii: "/") || isLetter(first))
      && text.utf8.allSatisfy { isLetter($0) || isDigit($0) || "/._-".utf8.contains($0) }
    // The words that YAML 1.1 reads as something else; quoting one too many does no harm.
    let isWord = ["y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"].contains(text.lowercased())
    return isPlain && !isWord ? text : quoted(text)
  }

  /// A user or a group as a scalar: a number is one only without quotes.
  public static func principal(_ text: String) -> String {
    !text.isEmpty && text.utf8.allSatisfy(isDigit) ? text : scalar(text)
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case _ where scalar.value < 32 || scalar.value == 127: result += "\\x" + hexadecimal(scalar.value, 2)
      case _ where scalar.value > 0xFFFF: result += "\\U" + hexadecimal(scalar.value, 8)
      case _ where scalar.value > 127: result += "\\u" + hexadecimal(scalar.value, 4)
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }

  private static func hexadecimal(_ value: UInt32, _ digits: Int) -> String {
    let text = String(value, radix: 16)
    return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
  }

  /// A comment holds what a traced program chose, and ends at a line's end: nothing in it may end it earlier, or drive
  /// a terminal.
  private static func harmless(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.map { (32..<127).contains($0.value) ? $0 : "?" }))
  }

  private static func isLetter(_ byte: UInt8) -> Bool { (65...90).contains(byte) || (97...122).contains(byte) }
  private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
}
