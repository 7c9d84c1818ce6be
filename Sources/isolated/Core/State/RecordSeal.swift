/// A sum over a record's text, so that a file that was cut short or changed is never taken for the record.
///
/// The sum is the first member of the JSON object, `"sum"`: daemons that don't know it skip it, and records that have none
/// are taken as they are. It is FNV-1a of 64 bits: it guards against accidents, not against root.
enum RecordSeal {
  private static let opening = Array("{\"sum\":\"".utf8)
  private static let closing = Array("\",".utf8)
  private static let digits = 16

  /// Adds the sum to the text of an object that has members.
  static func seal(_ object: [UInt8]) -> [UInt8] {
    let members = object.dropFirst()
    return opening + Array(hexadecimal(sum(members)).utf8) + closing + members
  }

  /// The text if its sum is right, or if it has none; nil otherwise.
  static func open(_ text: [UInt8]) -> [UInt8]? {
    guard text.starts(with: opening) else { return text }
    let afterOpening = text.dropFirst(opening.count)
    let members = afterOpening.dropFirst(digits + closing.count)
    guard afterOpening.dropFirst(digits).starts(with: closing),
      String(decoding: afterOpening.prefix(digits), as: UTF8.self) == hexadecimal(sum(members))
    else { return nil }
    return Array("{".utf8) + members
  }

  private static func sum(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }

  private static func hexadecimal(_ number: UInt64) -> String {
    let text = String(number, radix: 16)
    return String(repeating: "0", count: digits - text.count) + text
  }
}
