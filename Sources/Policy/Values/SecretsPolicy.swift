/// `secrets`: files of the host's that appear in an in-memory file system of the tenant's, `/run/secrets`.
public enum SecretsPolicy: Sendable, Equatable {
  /// The files one by one.
  case files([SecretFile])
  /// Every file of a directory of the host, under its own name.
  case directory(Positioned<String>)

  /// One file.
  public struct SecretFile: Sendable, Equatable {
    /// `name`: the file's name in `/run/secrets`.
    public var name: Positioned<String>
    /// `source`: the file on the host.
    public var source: Positioned<String>
    /// `owner`: who may read it inside; `nil` is the tenant's `user`.
    public var owner: Positioned<Principal>?
    /// `mode`: permission bits; 0o400 by default.
    public var mode: UInt32
  }

  /// Where a tenant finds its secrets.
  public static let place = "/run/secrets"

  /// Whether there are none.
  public var isEmpty: Bool { self == .files([]) }
}
