import Glibc

/// The `Host` field of a request, RFC 9110 section 7.2, as far as it tells a rebound name from an honest one.
///
/// DNS rebinding: a web page of a hostile site lets its own name point to 127.0.0.1, and its visitors' browsers then
/// let it read what this machine serves on loopback. Such a request carries that site's name; one with an address
/// can't be the work of it.
enum HostField {
  /// Whether a browser that sends `field` to loopback was asked for this machine: by an address, or as `localhost`.
  static func namesThisMachine(_ field: String) -> Bool {
    guard let host = host(of: field) else { return false }
    if host == "localhost" || host.hasSuffix(".localhost") { return true }
    var address = in6_addr()
    if host.hasPrefix("["), host.hasSuffix("]") {
      return inet_pton(AF_INET6, String(host.dropFirst().dropLast()), &address) == 1
    }
    return inet_pton(AF_INET, host, &address) == 1
  }

  /// The field without its port, in lower case; nil where it is neither HOST nor HOST:PORT.
  private static func host(of field: String) -> String? {
    guard !field.utf8.contains(0) else { return nil }
    var host = Substring(field)
    if let colon = field.lastIndex(of: ":"), field[colon...].firstIndex(of: "]") == nil {
      guard field[field.index(after: colon)...].utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
      host = field[..<colon]
    }
    return host.isEmpty ? nil : host.lowercased()
  }
}
