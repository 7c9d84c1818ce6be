/// A tenant's name: 1 to 63 of the characters `a-z`, `0-9` and `-`, starting with a letter.
///
/// It is safe as a host name (RFC 1123), as a directory under the cgroup tree and as a file name.
public struct TenantName: Hashable, Sendable, CustomStringConvertible {
  /// The name.
  public let text: String

  /// Takes `text` if it is a valid name.
  public init?(_ text: String) {
    let bytes = text.utf8
    guard (1...63).contains(bytes.count), let first = bytes.first, Self.isLetter(first) else { return nil }
    guard bytes.allSatisfy({ Self.isLetter($0) || (48...57).contains($0) || $0 == 45 }) else { return nil }
    guard bytes.last != 45 else { return nil }
    self.text = text
  }

  /// The name.
  public var description: String { text }

  private static func isLetter(_ byte: UInt8) -> Bool { (97...122).contains(byte) }
}
