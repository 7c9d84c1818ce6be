/// A user or a group, by name or by number.
public enum Principal: Hashable, Sendable, CustomStringConvertible {
  /// A name for passwd(5) or group(5) to resolve.
  case name(String)
  /// A number.
  case id(UInt32)

  /// The name or the number.
  public var description: String {
    switch self {
    case .name(let name): name
    case .id(let number): "\(number)"
    }
  }
}

/// `user`, `group` and `groups`: whom the tenant's command runs as.
///
/// Names are looked up in the tenant's root; numbers are those inside its user namespace, 0 to 65535.
public struct IdentityPolicy: Sendable, Equatable {
  /// `user`: 65534, the overflow user, by default.
  public var user: Positioned<Principal>
  /// `group`: `nil` is the user's primary group in the root's passwd(5). 65534 where no user is given either.
  public var group: Positioned<Principal>?
  /// `groups`: supplementary groups beside those that the root's group(5) gives the user.
  public var supplementaryGroups: [Positioned<Principal>]
}
