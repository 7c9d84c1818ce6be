/// `stop`: how a tenant is asked to end before it is killed.
public struct StopPolicy: Sendable, Equatable {
  /// `signal`: what the command is sent; SIGTERM by default.
  public var signal: Positioned<Signal>
  /// `grace`: how long it has until its group is killed; 10 s by default.
  public var grace: Positioned<TimeSpan>
}
