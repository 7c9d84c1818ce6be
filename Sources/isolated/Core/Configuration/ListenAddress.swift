import Glibc

/// An IP address and a TCP port.
public struct ListenAddress: Sendable, Hashable, CustomStringConvertible {
  /// In the form of inet_ntop(3): `127.0.0.1`, `::1`.
  public let ipAddress: String
  /// The port; 0 lets the kernel choose, which no configuration file can ask for.
  public var port: UInt16
  /// Whether only this machine can reach it.
  public let isLoopback: Bool

  /// Takes an IPv4 or IPv6 address, without brackets; nil for anything else, host names included.
  public init?(ipAddress: String, port: UInt16) {
    guard !ipAddress.utf8.contains(0) else { return nil }
    var four = in_addr()
    var six = in6_addr()
    if inet_pton(AF_INET, ipAddress, &four) == 1 {
      isLoopback = withUnsafeBytes(of: &four) { $0.first == 127 }
      self.ipAddress = ipAddress
    } else if inet_pton(AF_INET6, ipAddress, &six) == 1 {
      let bytes = withUnsafeBytes(of: &six) { Array($0) }
      let isMapped = bytes[..<10].allSatisfy { $0 == 0 } && bytes[10] == 255 && bytes[11] == 255
      isLoopback = isMapped ? bytes[12] == 127 : bytes == [UInt8](repeating: 0, count: 15) + [1]
      var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
      guard inet_ntop(AF_INET6, &six, &text, socklen_t(text.count)) != nil else { return nil }
      self.ipAddress = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    } else {
      return nil
    }
    self.port = port
  }

  /// Reads `127.0.0.1:9273` or `[::1]:9273`.
  public init?(_ text: String) {
    guard let colon = text.lastIndex(of: ":") else { return nil }
    let digits = text[text.index(after: colon)...]
    guard digits.utf8.allSatisfy({ (48...57).contains($0) }), !digits.hasPrefix("0"), let port = UInt16(digits)
    else { return nil }
    let host = text[..<colon]
    let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
    guard isBracketed == host.contains(":") else { return nil }
    self.init(ipAddress: String(isBracketed ? host.dropFirst().dropLast() : host), port: port)
  }

  /// As it is written: `[::1]:9273`.
  public var description: String { ipAddress.contains(":") ? "[\(ipAddress)]:\(port)" : "\(ipAddress):\(port)" }
}
