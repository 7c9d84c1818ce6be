import Glibc

/// A file descriptor with exactly one owner, closed when the owner's life ends.
public struct OwnedDescriptor: ~Copyable, Sendable {
  /// The number, valid as long as this value lives.
  public let rawValue: Int32

  /// Takes ownership of an open descriptor.
  public init(owning rawValue: Int32) { self.rawValue = rawValue }

  /// Gives up ownership without closing.
  public consuming func release() -> Int32 {
    let number = rawValue
    discard self
    return number
  }

  deinit {
    // Linux frees the number even when close(2) is interrupted: calling it again could close a stranger's file.
    _ = Glibc.close(rawValue)
  }
}

/// A descriptor that several values share, closed when the last of them is gone.
public final class SharedDescriptor: Sendable {
  private let owned: OwnedDescriptor

  /// The number, valid as long as this object is kept.
  public var rawValue: Int32 { owned.rawValue }

  /// Takes over an owned descriptor.
  public init(_ owned: consuming OwnedDescriptor) { self.owned = owned }

  /// Takes ownership of an open descriptor.
  public convenience init(owning rawValue: Int32) { self.init(OwnedDescriptor(owning: rawValue)) }
}
