import Glibc

/// By which number a file system is told from others.
public enum FileSystemNumber {
  /// The number of the file system that a path lies on, as stat(2) packs it; nil where there is no such path.
  ///
  /// Each subvolume of btrfs has a number of its own in `st_dev`: there the disk's is answered, which they share.
  public static func of(_ path: String, tree: SystemTree = SystemTree()) -> UInt64? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    let number = UInt64(status.st_dev)
    guard text(number).hasPrefix("0:") else { return number }
    let own = text(number)
    guard let mount = MountTable(tree).mounts.last(where: { $0.device == own }) else { return number }
    var node = stat()
    guard stat(mount.source, &node) == 0, node.st_mode & S_IFMT == S_IFBLK else { return number }
    return UInt64(node.st_rdev)
  }

  /// `major:minor` of a number as the C library packs it: makedev(3).
  public static func text(_ number: UInt64) -> String {
    "\((number >> 8 & 0xfff) | (number >> 32 & ~0xfff)):\((number & 0xff) | (number >> 12 & ~0xff))"
  }
}
