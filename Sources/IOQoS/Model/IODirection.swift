/// Which way data goes; disks serve the two at different prices.
public enum IODirection: Sendable, Hashable, CaseIterable {
  case read
  case write
}

/// A value for each direction.
public struct PerDirection<Value> {
  /// For reads.
  public var read: Value
  /// For writes.
  public var write: Value

  /// Takes both.
  public init(read: Value, write: Value) {
    self.read = read
    self.write = write
  }

  /// The value for one direction.
  public subscript(direction: IODirection) -> Value {
    get { direction == .read ? read : write }
    set { if direction == .read { read = newValue } else { write = newValue } }
  }
}

extension PerDirection: Sendable where Value: Sendable {}
extension PerDirection: Equatable where Value: Equatable {}
extension PerDirection: Hashable where Value: Hashable {}
