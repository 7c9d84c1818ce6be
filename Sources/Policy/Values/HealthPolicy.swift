/// `health`: how the daemon finds out whether a tenant does its work, and what it does about one that doesn't.
public struct HealthPolicy: Sendable, Equatable {
  /// What is tried.
  public enum Check: Sendable, Hashable {
    /// `command`: a program inside the tenant, run as the tenant's own command is, which is well if it returns 0.
    case command([String])
    /// `tcp`: a port of the tenant's loopback, well if somebody takes the connection.
    case tcp(UInt16)
    /// `http`: a GET on a port of the tenant's loopback, well if the answer's status is right.
    case http(HTTP)
  }

  /// `http`.
  public struct HTTP: Sendable, Hashable {
    /// `port`.
    public var port: UInt16
    /// `path`, query included: `/` by default. Printable ASCII without spaces.
    public var path: String
    /// `status`: the statuses that are well; 200 to 399 by default.
    public var status: ClosedRange<UInt16>

    /// Names a page.
    public init(port: UInt16, path: String, status: ClosedRange<UInt16>) {
      self.port = port
      self.path = path
      self.status = status
    }
  }

  /// `action`.
  public enum Action: String, CaseIterable, Sendable, Hashable {
    /// Ends the tenant, and `restart` says what follows; without restarts it is only reported.
    case restart
    /// Only reports it.
    case report
  }

  /// `command`, `tcp` or `http`.
  public var check: Positioned<Check>
  /// `start_period`: how long failures don't count at first; 5 s by default.
  public var startPeriod: Positioned<TimeSpan>
  /// `interval`: the time from a check's end to the next one; 10 s by default.
  public var interval: Positioned<TimeSpan>
  /// `timeout`: what a check may take; 2 s by default.
  public var timeout: Positioned<TimeSpan>
  /// `retries`: how many failures in a row make it unhealthy; 3 by default.
  public var retries: Positioned<UInt64>
  /// `action`: ``Action/restart`` by default.
  public var action: Positioned<Action>
}
