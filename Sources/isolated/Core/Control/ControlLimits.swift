/// The bounds that keep one client from costing others more than a wait.
public struct ControlLimits: Sendable, Hashable {
  /// The most bytes of one call.
  public var callBytes = 1 << 20
  /// The most descriptors that come with one call.
  public var callDescriptors = 8
  /// How many bytes of answers may wait for a client that doesn't read, before it is disconnected.
  public var outputBytes = 1 << 20
  /// The most connections at one time.
  public var connections = 1024
  /// The most connections of one user; root is exempt.
  public var connectionsPerUser = 128
  /// How many of ``connections`` only root can have.
  public var connectionsForRoot = 64
  /// How long a client may take to finish a call that it has begun to send.
  public var callTimeout: Duration = .seconds(10)
  /// How long answers may wait for a client that doesn't read at all.
  public var outputTimeout: Duration = .seconds(30)

  /// The defaults.
  public init() {}
}
