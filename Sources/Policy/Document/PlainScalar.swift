/// What a YAML reader makes of a scalar without quotes.
///
/// YAML 1.1 and 1.2 readers disagree on `on`, `0755`, `1:30` and more (yaml.org/type, YAML 1.2.2 section
/// 10.3); every spelling that either takes for something other than text is told apart here, so that none
/// passes unnoticed.
enum PlainScalar: Equatable {
  /// Nothing, `~` or `null`.
  case null
  /// `true` or `false`.
  case boolean(Bool)
  /// Another word that some readers take for a boolean.
  case implicitBoolean
  /// A decimal integer in its one canonical spelling.
  case integer
  /// A number in any other spelling.
  case oddNumber
  /// A date or a time.
  case timestamp
  /// Text to every reader.
  case text

  /// Classifies a scalar's text.
  init(_ text: String) {
    switch text {
    case "", "~", "null", "Null", "NULL": self = .null
    case "true": self = .boolean(true)
    case "false": self = .boolean(false)
    default:
      let bytes = Array(text.utf8)
      if Self.booleanWords.contains(text.lowercased()) {
        self = .implicitBoolean
      } else if Self.isCanonicalInteger(bytes) {
        self = .integer
      } else if Self.isOddNumber(bytes) {
        self = .oddNumber
      } else {
        self = Self.isTimestamp(bytes) ? .timestamp : .text
      }
    }
  }

  /// The kind of value, for a message.
  var kind: String {
    switch self {
    case .null: "nothing"
    case .boolean, .implicitBoolean: "a boolean"
    case .integer, .oddNumber: "a number"
    case .timestamp: "a date"
    case .text: "a text"
    }
  }

  private static let booleanWords: Set<String> = ["y", "n", "yes", "no", "on", "off", "true", "false"]

  private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }

  private static func isCanonicalInteger(_ bytes: [UInt8]) -> Bool {
    let digits = bytes.first == 45 ? bytes.dropFirst() : bytes[...]
    guard let first = digits.first, digits.allSatisfy(isDigit) else { return false }
    return first != 48 || (digits.count == 1 && bytes.count == 1)
  }

  /// Signs, leading zeros, underscores, other bases, base 60, fractions, exponents, infinities and
  /// not-a-number.
  private static func isOddNumber(_ bytes: [UInt8]) -> Bool {
    let signed = bytes.first == 43 || bytes.first == 45
    let rest = Array(signed ? bytes.dropFirst() : bytes[...])
    guard let first = rest.first, isDigit(first) || first == 46 else { return false }
    if first == 46, [".inf", ".nan"].contains(String(decoding: rest, as: UTF8.self).lowercased()) {
      return true
    }
    if first == 48, rest.count > 2 {
      let digits = rest.dropFirst(2)
      switch rest[1] {
      case 120, 88: return digits.allSatisfy { isHexadecimal($0) || $0 == 95 }
      case 111, 79, 98, 66: return digits.allSatisfy { isDigit($0) || $0 == 95 }
      default: break
      }
    }
    return isDecimal(rest) || isBase60(rest)
  }

  private static func isHexadecimal(_ byte: UInt8) -> Bool {
    isDigit(byte) || (97...102).contains(byte) || (65...70).contains(byte)
  }

  /// Digits and underscores, at most one point, and an optional exponent.
  private static func isDecimal(_ bytes: [UInt8]) -> Bool {
    let mantissa = bytes.prefix { $0 != 101 && $0 != 69 }
    guard mantissa.contains(where: isDigit), mantissa.allSatisfy({ isDigit($0) || $0 == 95 || $0 == 46 }),
      mantissa.count(where: { $0 == 46 }) <= 1
    else { return false }
    guard mantissa.count < bytes.count else { return true }
    var exponent = bytes.dropFirst(mantissa.count + 1)
    if exponent.first == 43 || exponent.first == 45 { exponent = exponent.dropFirst() }
    return !exponent.isEmpty && exponent.allSatisfy(isDigit)
  }

  /// `190:20:30`, and with a fraction `190:20:30.15`.
  private static func isBase60(_ bytes: [UInt8]) -> Bool {
    let parts = bytes.split(separator: 58, omittingEmptySubsequences: false)
    guard parts.count > 1, let first = parts.first, !first.isEmpty, let last = parts.last else {
      return false
    }
    guard first.allSatisfy({ isDigit($0) || $0 == 95 }) else { return false }
    return parts.dropFirst().dropLast().allSatisfy(isMinute)
      && isMinute(last.prefix { $0 != 46 })
      && last.drop { $0 != 46 }.dropFirst().allSatisfy { isDigit($0) || $0 == 95 }
  }

  private static func isMinute(_ digits: ArraySlice<UInt8>) -> Bool {
    (1...2).contains(digits.count) && digits.allSatisfy(isDigit)
  }

  /// `2001-12-14`, alone or before a time.
  private static func isTimestamp(_ bytes: [UInt8]) -> Bool {
    let year = bytes.prefix(while: isDigit)
    guard year.count == 4, bytes.dropFirst(4).first == 45 else { return false }
    let month = bytes.dropFirst(5).prefix(while: isDigit)
    let afterMonth = bytes.dropFirst(5 + month.count)
    guard (1...2).contains(month.count), afterMonth.first == 45 else { return false }
    let day = afterMonth.dropFirst().prefix(while: isDigit)
    guard (1...2).contains(day.count) else { return false }
    let rest = afterMonth.dropFirst(1 + day.count)
    guard let next = rest.first else { return true }
    return [84, 116, 32, 9].contains(next) && rest.contains(58)
  }
}
