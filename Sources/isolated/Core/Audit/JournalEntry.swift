/// An entry in journald's native protocol: https://systemd.io/JOURNAL_NATIVE_PROTOCOL/.
enum JournalEntry {
  /// Encodes fields. A value with a newline or another control character gets the form with its length before it, in
  /// which nothing of it can be taken for another field.
  static func encode(_ fields: [(name: String, value: String)]) -> [UInt8] {
    var bytes: [UInt8] = []
    for (name, value) in fields {
      let value = Array(value.utf8)
      bytes += name.utf8
      if value.contains(where: { $0 < 0x20 || $0 == 0x7f }) {
        bytes.append(UInt8(ascii: "\n"))
        let count = UInt64(value.count)
        for shift in stride(from: 0, to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: count >> UInt64(shift))) }
      } else {
        bytes.append(UInt8(ascii: "="))
      }
      bytes += value
      bytes.append(UInt8(ascii: "\n"))
    }
    return bytes
  }
}
