/// `seccomp`: the system call filter. There is always one.
public struct SeccompPolicy: Sendable, Equatable {
  /// The list that the filter starts from.
  public enum Profile: Sendable, Hashable {
    /// The daemon's default allow-list.
    case standard
    /// A file on the host in the OCI runtime specification's JSON form.
    case file(String)
  }

  /// What the filter does with a call that it is against.
  public enum Mode: String, CaseIterable, Sendable, Hashable {
    /// Refuses it.
    case enforce
    /// Lets it happen, and has the kernel log it: no wall, but a way to see what one would stop.
    case log
  }

  /// `profile`: ``Profile/standard`` by default.
  public var profile: Positioned<Profile>
  /// `only`: of the system calls that the profile allows, those that are kept; nil for all.
  public var only: [Positioned<String>]?
  /// `allow`: system calls to allow beside the profile's.
  public var allow: [Positioned<String>]
  /// `deny`: system calls to refuse although the profile allows them.
  public var deny: [Positioned<String>]
  /// `mode`: ``Mode/enforce`` by default.
  public var mode: Positioned<Mode>
}
