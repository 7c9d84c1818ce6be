/// Where a tenant stands among its restarts.
public struct RestartStatus: Codable, Sendable, Hashable {
  /// When it is started again: `failure` or `always`.
  public var condition: String
  /// Restarts since it was spawned.
  public var total: Int
  /// Restarts in a row, the one that is waited for included; 0 again once it has been well for long enough.
  public var inARow: Int
  /// The most restarts in a row; absent where there is no end.
  public var limit: Int?
  /// Whether it has ended once too often.
  public var hasGivenUp: Bool
  /// When it is started next, in microseconds since 1970; absent unless it waits for that.
  public var nextStartUsec: Int?
  /// How it ended the last time; absent if it never has.
  public var lastExit: Exit?
  /// Why it couldn't be started the last time; absent once it could.
  public var failure: String?

  /// Describes a tenant's restarts.
  public init(
    condition: String, total: Int, inARow: Int, limit: Int? = nil, hasGivenUp: Bool = false, nextStartUsec: Int? = nil,
    lastExit: Exit? = nil, failure: String? = nil
  ) {
    self.condition = condition
    self.total = total
    self.inARow = inARow
    self.limit = limit
    self.hasGivenUp = hasGivenUp
    self.nextStartUsec = nextStartUsec
    self.lastExit = lastExit
    self.failure = failure
  }
}
