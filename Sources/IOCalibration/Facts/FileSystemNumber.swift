import Kernel

/// By which number a file system is told from others.
public enum FileSystemNumber {
  /// The number of the file system that a path lies on, as stat(2) packs it; nil where there is no such path, or it is a
  /// disk's node.
  ///
  /// Each subvolume of btrfs has a number of its own in `st_dev`: there the disk's is answered, which they share.
  public static func of(_ path: String, tree: SystemTree = SystemTree()) -> UInt64? {
    guard let place = try? PathDevice(path, tree: tree), place.kind != .node else { return nil }
    return place.device
  }

  /// `major:minor` of a number as the C library packs it: makedev(3).
  public static func text(_ number: UInt64) -> String { "\(deviceMajor(number)):\(deviceMinor(number))" }
}
