/// A number of bytes: `0`, `512B`, `128MiB`, `1.5GiB`, `10GB`.
///
/// `KiB`, `MiB`, `GiB` and `TiB` are powers of 1024; `kB`, `MB`, `GB` and `TB` are powers of 1000 (IEC
/// 80000-13).
public struct ByteSize: Quantity, Comparable {
  /// The number of bytes.
  public let bytes: UInt64

  /// Takes a number of bytes.
  public init(bytes: UInt64) { self.bytes = bytes }

  /// How a message names it.
  public static let expectation = "a size such as 128MiB"

  /// Parses a whole number of bytes with its unit; only 0 stands without one.
  public init(parsing text: String) throws(QuantityError) {
    let parts = try QuantityParts(text, expectation: Self.expectation)
    if parts.unit.isEmpty {
      guard parts.whole == 0, parts.fraction.isEmpty else {
        throw QuantityError(
          "\"\(text.shortened)\" has no unit",
          mend: "write \(text.shortened)MiB, for example, or \(text.shortened)B")
      }
      bytes = 0
      return
    }
    guard let unit = Self.units.first(where: { $0.name == parts.unit }) else {
      throw Self.unknownUnit(parts.unit, in: text)
    }
    guard let bytes = parts.scaled(by: unit.bytes) else {
      guard parts.fraction.isEmpty else {
        throw QuantityError("\"\(text.shortened)\" is not a whole number of bytes, or too large")
      }
      throw QuantityError("\"\(text.shortened)\" is more than 64 bits can count")
    }
    self.bytes = bytes
  }

  private static func unknownUnit(_ unit: String, in text: String) -> QuantityError {
    let meant = [
      "K": "KiB", "k": "KiB", "KB": "kB", "M": "MiB", "m": "MiB", "mb": "MB", "G": "GiB", "g": "GiB",
      "gb": "GB", "T": "TiB", "t": "TiB", "b": "B", "Kb": "kB", "Mb": "MB", "Gb": "GB",
    ]
    let likely = meant[unit] ?? nearMiss(of: unit, among: units.map(\.name))
    return QuantityError(
      "\"\(text.shortened)\" has the unknown unit \"\(unit.shortened)\"",
      mend: likely.map { "did you mean \($0)?" } ?? "the units are B, KiB, MiB, GiB, TiB, kB, MB, GB and TB")
  }

  /// The size in the largest unit that divides it, binary units first.
  public var description: String {
    guard bytes > 0 else { return "0" }
    let unit = Self.units.first { bytes.isMultiple(of: $0.bytes) }
    guard let unit else { return "\(bytes)B" }
    return "\(bytes / unit.bytes)\(unit.name)"
  }

  /// Compares numbers of bytes.
  public static func < (left: Self, right: Self) -> Bool { left.bytes < right.bytes }

  private static let units: [(name: String, bytes: UInt64)] = [
    ("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("TB", 1_000_000_000_000),
    ("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1000), ("B", 1),
  ]
}
