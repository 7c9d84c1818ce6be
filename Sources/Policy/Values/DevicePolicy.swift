/// `devices`: a device node that the tenant gets beside those of its private `/dev`.
public struct DevicePolicy: Sendable, Equatable {
  /// What the tenant may do with a device, as the kernel's device controller names it.
  public struct Access: OptionSet, Sendable, Hashable, CustomStringConvertible {
    /// The bits.
    public let rawValue: UInt8

    /// Takes the bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// `r`: open for reading.
    public static let read = Access(rawValue: 1)
    /// `w`: open for writing.
    public static let write = Access(rawValue: 2)
    /// `m`: make a node with mknod(2).
    public static let makeNode = Access(rawValue: 4)

    /// The letters, for example `rw`.
    public var description: String {
      (contains(.read) ? "r" : "") + (contains(.write) ? "w" : "") + (contains(.makeNode) ? "m" : "")
    }
  }

  /// `path`: the node beneath `/dev`, on the host and in the tenant.
  public var path: Positioned<String>
  /// `access`: read and write by default.
  public var access: Access
}
