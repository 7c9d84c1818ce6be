import FoundationEssentials

/// The secret that a client must present: as a bearer token (RFC 6750), or as the password of basic authentication
/// (RFC 7617), which is how a browser asks a person for it.
struct ScrapeToken: Sendable {
  /// The fewest bytes of a token: below, it can be guessed.
  static let fewestBytes = 16
  /// The most bytes of a token.
  static let mostBytes = 4096

  private let bytes: [UInt8]

  /// Takes the contents of a token file; spaces and line ends at both ends don't count.
  ///
  /// Nil where what is left is too short, too long, or holds anything but visible ASCII, which no header can carry.
  init?(fileContents: [UInt8]) {
    let isBlank: (UInt8) -> Bool = { $0 == 32 || (9...13).contains($0) }
    var rest = fileContents.drop(while: isBlank)
    while let last = rest.last, isBlank(last) { rest.removeLast() }
    guard (Self.fewestBytes...Self.mostBytes).contains(rest.count), rest.allSatisfy({ (33...126).contains($0) })
    else { return nil }
    bytes = Array(rest)
  }

  /// Whether the `Authorization` lines of a request present this token. More than one line isn't understood.
  func isPresented(in lines: [String]) -> Bool {
    guard lines.count == 1, let line = lines.first, let space = line.firstIndex(of: " ") else { return false }
    let credentials = line[space...].drop { $0 == " " }
    switch line[..<space].lowercased() {
    case "bearer": return equals(Array(credentials.utf8)[...])
    case "basic":
      guard let decoded = Data(base64Encoded: String(credentials)) else { return false }
      let pair = [UInt8](decoded)
      guard let colon = pair.firstIndex(of: UInt8(ascii: ":")) else { return false }
      return equals(pair[(colon + 1)...])
    default: return false
    }
  }

  /// Compares in a time that depends on the lengths alone, so that no guess learns how far it was right.
  private func equals(_ presented: ArraySlice<UInt8>) -> Bool {
    guard presented.count == bytes.count else { return false }
    var difference: UInt8 = 0
    for (left, right) in zip(bytes, presented) { difference |= left ^ right }
    return difference == 0
  }
}
