/// `seccomp`: the system call filter. There is always one.
public struct SeccompPolicy: Sendable, Equatable {
  /// The list that the filter starts from.
  public enum Profile: Sendable, Hashable {
    /// The daemon's default allow-list.
    case standard
    /// A file on the host in the OCI runtime specification's JSON form.
    case file(String)
  }

  /// `profile`: ``Profile/standard`` by default.
  public var profile: Positioned<Profile>
  /// `allow`: system calls to allow beside the profile's.
  public var allow: [Positioned<String>]
  /// `deny`: system calls to refuse although the profile allows them.
  public var deny: [Positioned<String>]
}
