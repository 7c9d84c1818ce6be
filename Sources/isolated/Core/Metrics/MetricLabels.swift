/// Labels as they stand between the braces of a sample, made once and used for many.
///
/// A value is text that anybody may have chosen. It comes out as one label's value whatever it holds: backslash, quote and
/// newline are escaped as both formats ask; what isn't UTF-8 and the other control characters, which readers of lines and
/// terminals stumble over, become U+FFFD.
package struct MetricLabels: Sendable, Hashable {
  /// `name="value",…`, without braces.
  private(set) var bytes: [UInt8] = []

  /// No labels.
  static let none = MetricLabels()

  private init() {}

  /// One label.
  ///
  /// - Parameter name: ours, never somebody else's.
  init(_ name: StaticString, _ value: some Sequence<UInt8>) { append(name, value) }

  /// One label.
  init(_ name: StaticString, _ value: String) { append(name, value.utf8) }

  /// The same with one label more.
  func adding(_ name: StaticString, _ value: String) -> MetricLabels {
    var labels = self
    labels.append(name, value.utf8)
    return labels
  }

  /// The same with another's labels.
  func adding(_ other: MetricLabels) -> MetricLabels {
    guard !bytes.isEmpty else { return other }
    guard !other.bytes.isEmpty else { return self }
    var labels = self
    labels.bytes.append(UInt8(ascii: ","))
    labels.bytes += other.bytes
    return labels
  }

  private mutating func append(_ name: StaticString, _ value: some Sequence<UInt8>) {
    if !bytes.isEmpty { bytes.append(UInt8(ascii: ",")) }
    name.withUTF8Buffer { bytes.append(contentsOf: $0) }
    bytes += [UInt8(ascii: "="), UInt8(ascii: "\"")]
    for scalar in String(decoding: Array(value), as: UTF8.self).unicodeScalars {
      switch scalar {
      case "\\": bytes += [UInt8(ascii: "\\"), UInt8(ascii: "\\")]
      case "\"": bytes += [UInt8(ascii: "\\"), UInt8(ascii: "\"")]
      case "\n": bytes += [UInt8(ascii: "\\"), UInt8(ascii: "n")]
      case "\0"..<" ", "\u{7f}"..<"\u{a0}": bytes += [0xef, 0xbf, 0xbd]
      default: bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }
}
