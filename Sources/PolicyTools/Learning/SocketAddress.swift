/// A `struct sockaddr` as a program gave it.
enum SocketAddress: Equatable {
  /// IPv4 or IPv6.
  case network(address: String, port: UInt16, isLoopback: Bool)
  /// A UNIX socket's path, as the program wrote it.
  case path([UInt8])
  /// A name in the abstract name space.
  case abstract([UInt8])
  /// Any other family, or none.
  case other

  /// The most bytes that any of these has: sockaddr_un is 110 long.
  static let mostBytes = 128

  /// Reads an address in the machine's byte order; what is cut short is ``other``.
  init(_ bytes: [UInt8]) {
    guard bytes.count >= 2 else {
      self = .other
      return
    }
    let rest = bytes.dropFirst(2)
    switch UInt16(bytes[0]) | UInt16(bytes[1]) << 8 {
    case 1: self = Self.unix(rest)
    case 2: self = Self.internet(rest, addressAt: 2, count: 4)
    case 10: self = Self.internet(rest, addressAt: 6, count: 16)
    default: self = .other
    }
  }

  private static func unix(_ bytes: ArraySlice<UInt8>) -> Self {
    guard let first = bytes.first else { return .other }
    guard first == 0 else { return .path(Array(bytes.prefix { $0 != 0 })) }
    return .abstract(Array(bytes.dropFirst()))
  }

  private static func internet(_ bytes: ArraySlice<UInt8>, addressAt offset: Int, count: Int) -> Self {
    let bytes = Array(bytes)
    guard bytes.count >= offset + count else { return .other }
    let port = UInt16(bytes[0]) << 8 | UInt16(bytes[1])
    let address = Array(bytes[offset..<(offset + count)])
    return count == 4
      ? .network(address: dotted(address), port: port, isLoopback: address[0] == 127)
      : .network(address: colons(address), port: port, isLoopback: isLoopback(address))
  }

  private static func dotted(_ address: [UInt8]) -> String { address.map(String.init).joined(separator: ".") }

  /// ::1, and IPv4's loopback in IPv6's clothes.
  private static func isLoopback(_ address: [UInt8]) -> Bool {
    if address.dropLast().allSatisfy({ $0 == 0 }) { return address[15] == 1 }
    return address.prefix(10).allSatisfy { $0 == 0 } && address[10] == 0xFF && address[11] == 0xFF
      && address[12] == 127
  }

  /// RFC 5952's text form: the first longest run of zero groups is left out.
  private static func colons(_ address: [UInt8]) -> String {
    let groups = stride(from: 0, to: 16, by: 2).map { UInt16(address[$0]) << 8 | UInt16(address[$0 + 1]) }
    var longest = 0..<0
    var start = 0
    while start < groups.count {
      let end = groups[start...].firstIndex { $0 != 0 } ?? groups.count
      if end - start > max(longest.count, 1) { longest = start..<end }
      start = end + 1
    }
    let texts = groups.map { String($0, radix: 16) }
    guard !longest.isEmpty else { return texts.joined(separator: ":") }
    return texts[..<longest.lowerBound].joined(separator: ":") + "::"
      + texts[longest.upperBound...].joined(separator: ":")
  }
}
