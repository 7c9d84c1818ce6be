/// `namespaces`: what differs from a tenant's usual set of namespaces.
public struct NamespacePolicy: Sendable, Equatable {
  /// `time`: how far the tenant's clocks are ahead of the host's, in microseconds (time_namespaces(7)).
  public struct TimeOffsets: Sendable, Hashable {
    /// The offset of `CLOCK_MONOTONIC`.
    public var monotonicMicroseconds: Int64
    /// The offset of `CLOCK_BOOTTIME`.
    public var boottimeMicroseconds: Int64
  }

  /// `user_namespaces`: how many user namespaces the tenant may make; none by default.
  public var userNamespaces: Positioned<UInt64>
  /// `time`: `nil` without a time namespace.
  public var time: Positioned<TimeOffsets>?
}
