/// `network`: what network the tenant sees.
public struct NetworkPolicy: Sendable, Equatable {
  /// `mode`.
  public enum Mode: String, CaseIterable, Sendable, Hashable {
    /// A network namespace of its own with nothing but loopback.
    case none
    /// The host's network namespace: no isolation, and no capability over it.
    case host
  }

  /// `mode`: ``Mode/none`` by default.
  public var mode: Positioned<Mode>
}
