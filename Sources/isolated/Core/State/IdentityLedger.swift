import Faults
import Glibc
import Sandbox
import Kernel

extension Fault.Code {
  /// All id ranges are allocated.
  public static let identitiesExhausted: Self = "identity.exhausted"
  /// The ledger of id ranges can't be understood; handing out ranges from it could give two tenants the same.
  public static let damagedIdentityLedger: Self = "identity.damaged-ledger"
}

/// Which host ids belong to which tenant name, for good: files on disk outlive every run.
///
/// One line for each name in a file that only grows: `NAME FIRST`. A last line that was cut short by a power cut, and
/// so was never handed out, is cut off.
final class IdentityLedger: Sendable {
  private let path: String
  private let first: UInt32
  private let capacity: UInt32
  private let ranges: Guarded<[String: UInt32]>

  /// Reads the ledger.
  ///
  /// - Parameters:
  ///   - first: the first host id of the first range.
  ///   - count: how many host ids there are from there.
  init(path: String, first: UInt32, count: UInt32) throws(Fault) {
    self.path = path
    self.first = first
    capacity = count / IdentityRange.tenantCount
    ranges = Guarded(try Self.read(path))
  }

  /// The range of `name`, allocated and made durable on its first use.
  func range(of name: String) throws(Fault) -> IdentityRange {
    try ranges.withLock { ranges throws(Fault) in
      if let known = ranges[name] { return try IdentityRange(first: known) }
      guard UInt32(ranges.count) < capacity else {
        throw Fault(
          .identitiesExhausted, "all \(capacity) id ranges belong to tenants", path: path,
          mend: "enlarge `ids: {count}` in isolated.yaml")
      }
      let used = Set(ranges.values)
      var next = first
      while used.contains(next) { next += IdentityRange.tenantCount }
      try SmallFile.append(path, Array("\(name) \(next)\n".utf8))
      ranges[name] = next
      return try IdentityRange(first: next)
    }
  }

  private static func read(_ path: String) throws(Fault) -> [String: UInt32] {
    guard access(path, F_OK) == 0 else { return [:] }
    let bytes = try SmallFile.readBytes(path, limit: 64 << 20)
    let whole = bytes.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    if whole < bytes.count { try SmallFile.replace(path, with: Array(bytes[..<whole]), durable: true) }
    var ranges: [String: UInt32] = [:]
    var taken: Set<UInt32> = []
    for line in bytes[..<whole].split(separator: UInt8(ascii: "\n")) {
      let fields = line.split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
      guard fields.count == 2, let range = UInt32(fields[1]), ranges[fields[0]] == nil,
        taken.insert(range).inserted
      else {
        throw Fault(
          .damagedIdentityLedger, "the ledger of id ranges has a line that can't be understood", path: path,
          mend: "restore it from a backup: without it, two tenants could get the same ids")
      }
      ranges[fields[0]] = range
    }
    return ranges
  }
}
