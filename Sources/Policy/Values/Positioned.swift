import Faults

/// A value together with the place in the policy's text where it was written.
///
/// The position lets a later stage, such as admission or the sandbox, refuse the value and still point at its
/// line. Two positioned values are equal when their values are, wherever each was written.
public struct Positioned<Value: Sendable>: Sendable {
  /// The value.
  public var value: Value
  /// Where it was written, or `nil` for a default that nobody wrote.
  public var position: Fault.Position?

  /// Pairs a value with its place.
  public init(_ value: Value, at position: Fault.Position? = nil) {
    self.value = value
    self.position = position
  }

  /// The transformed value at the same place.
  public func map<Other: Sendable>(_ transform: (Value) -> Other) -> Positioned<Other> {
    Positioned<Other>(transform(value), at: position)
  }
}

extension Positioned: Equatable where Value: Equatable {
  /// Whether the values are equal; positions don't count.
  public static func == (left: Self, right: Self) -> Bool { left.value == right.value }
}

extension Positioned: Hashable where Value: Hashable {
  /// Hashes the value; positions don't count.
  public func hash(into hasher: inout Hasher) { hasher.combine(value) }
}

extension Positioned: CustomStringConvertible {
  /// The value's own description.
  public var description: String { "\(value)" }
}
