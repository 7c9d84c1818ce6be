/// The mounts of this process, from /proc/self/mountinfo (proc_pid_mountinfo(5)).
struct MountTable: Sendable {
  struct Mount: Sendable, Hashable {
    /// `major:minor` of the file system.
    var device: String
    var point: String
    var type: String
    var source: String
  }

  let mounts: [Mount]

  init(_ tree: SystemTree) {
    let table = tree.text("/proc/self/mountinfo", limit: 4 << 20) ?? ""
    mounts = table.split(separator: "\n").compactMap(Self.parse)
  }

  /// Takes a line apart; nil for one that isn't as the manual says.
  private static func parse(_ line: Substring) -> Mount? {
    let fields = line.split(separator: " ")
    guard fields.count > 5, let dash = fields.firstIndex(of: "-"), dash + 2 < fields.count else { return nil }
    return Mount(
      device: String(fields[2]), point: unescaped(fields[4]), type: String(fields[dash + 1]),
      source: unescaped(fields[dash + 2]))
  }

  /// Undoes the octal escapes that stand for white space and backslashes.
  private static func unescaped(_ text: Substring) -> String {
    guard text.contains("\\") else { return String(text) }
    var bytes: [UInt8] = []
    let given = Array(text.utf8)
    var index = 0
    while index < given.count {
      let digits = given[index...].dropFirst().prefix(3)
      if given[index] == UInt8(ascii: "\\"), digits.count == 3, digits.allSatisfy({ (0x30...0x37).contains($0) }) {
        bytes.append(UInt8(truncatingIfNeeded: digits.reduce(0) { $0 * 8 + Int($1) - 0x30 }))
        index += 4
      } else {
        bytes.append(given[index])
        index += 1
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
