/// An upper bound that may be absent: what the kernel's files call `max` and setrlimit(2) `RLIM_INFINITY`.
public enum Limit<Value: Hashable & Sendable>: Hashable, Sendable {
  /// At most this much.
  case atMost(Value)
  /// No bound.
  case unlimited
}

extension Limit: CustomStringConvertible where Value: CustomStringConvertible {
  /// The bound, or `unlimited`.
  public var description: String {
    switch self {
    case .atMost(let value): value.description
    case .unlimited: "unlimited"
    }
  }
}
