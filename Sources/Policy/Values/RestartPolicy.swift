/// `restart`: whether the daemon starts a tenant again after its command has ended.
public struct RestartPolicy: Sendable, Equatable {
  /// `on`.
  public enum Condition: String, CaseIterable, Sendable, Hashable {
    /// Stays ended.
    case never
    /// Starts again after a non-zero status, a signal or an out-of-memory kill.
    case failure
    /// Starts again whatever the status.
    case always
  }

  /// `backoff`: the wait before a restart; it doubles from the first to the last.
  public struct Backoff: Sendable, Hashable {
    /// The first wait.
    public var first: TimeSpan
    /// The longest wait.
    public var last: TimeSpan
  }

  /// `on`: ``Condition/never`` by default.
  public var condition: Positioned<Condition>
  /// `backoff`: 1 s to 30 s by default.
  public var backoff: Positioned<Backoff>
  /// `limit`: how many restarts in a row; `nil` is no limit.
  public var limit: Positioned<UInt64>?
  /// `reset_after`: how long it must have been well for the count to start anew; 60 s by default.
  public var resetAfter: Positioned<TimeSpan>
}
