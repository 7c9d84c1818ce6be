/// An IPv4 address in dotted decimals, or an IPv6 address as RFC 4291 writes it; no zone, no embedded IPv4.
public struct NetworkAddress: Quantity {
  /// The address as it was written.
  public let text: String

  /// How a message names it.
  public static let expectation = "an address such as 10.0.0.5 or fd00::5"

  /// Parses an address.
  public init(parsing text: String) throws(QuantityError) {
    guard Self.isVersion4(text) || Self.isVersion6(text) else {
      throw QuantityError("\"\(text.shortened)\" is not \(Self.expectation)")
    }
    self.text = text
  }

  /// The address.
  public var description: String { text }

  private static func isVersion4(_ text: String) -> Bool {
    let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    return parts.count == 4
      && parts.allSatisfy { part in
        (1...3).contains(part.count) && part.allSatisfy(\.isDigit) && (part.count == 1 || part.first != 48)
          && (UInt16(String(decoding: Array(part), as: UTF8.self)).map { $0 <= 255 } ?? false)
      }
  }

  /// Up to eight groups of one to four hexadecimal digits; `::` once, for one or more of them.
  private static func isVersion6(_ text: String) -> Bool {
    func groups(_ bytes: ArraySlice<UInt8>) -> Int? {
      guard !bytes.isEmpty else { return 0 }
      let parts = bytes.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
      let valid = parts.allSatisfy { part in
        (1...4).contains(part.count)
          && part.allSatisfy { $0.isDigit || (65...70).contains($0) || (97...102).contains($0) }
      }
      return valid ? parts.count : nil
    }
    let bytes = Array(text.utf8)
    guard bytes.count <= 39 else { return false }
    let gap = bytes.indices.dropLast().first { bytes[$0] == UInt8(ascii: ":") && bytes[$0 + 1] == bytes[$0] }
    guard let gap else { return groups(bytes[...]) == 8 }
    guard let before = groups(bytes[..<gap]), let after = groups(bytes[(gap + 2)...]) else { return false }
    return before + after <= 7
  }
}
