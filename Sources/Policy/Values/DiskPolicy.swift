/// `disk`: how much of the host's disks the tenant's writable paths and its overlay may fill, on each file system.
public struct DiskPolicy: Sendable, Equatable {
  /// `max`: in bytes; `nil` is no bound.
  public var max: Positioned<ByteSize>?
  /// `inodes`: how many files, directories and links; `nil` is no bound.
  public var inodes: Positioned<ItemCount>?
}
