/// `allow`: who besides root may spawn the policy. Nobody by default.
public struct AllowPolicy: Sendable, Equatable {
  /// `groups`: groups of the host.
  public var groups: [Positioned<Principal>]
  /// `users`: users of the host.
  public var users: [Positioned<Principal>]
  /// `command_override`: whether they may give another command; not by default.
  public var commandOverride: Positioned<Bool>
}
