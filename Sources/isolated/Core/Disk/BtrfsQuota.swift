import CLinux
import Faults
import Glibc
import Kernel

/// Subvolumes and quota groups of the btrfs file system of an open file; see btrfs-qgroup(8), btrfs-quota(8).
enum BtrfsQuota {
  /// BTRFS_SUPER_MAGIC of linux/magic.h.
  static let kind: Int64 = 0x9123_683E

  // linux/btrfs_tree.h.
  private static let rootTree: UInt64 = 1
  private static let quotaTree: UInt64 = 8
  private static let rootReference: UInt32 = 156
  private static let status: UInt32 = 240
  private static let information: UInt32 = 242
  private static let limit: UInt32 = 244
  private static let relation: UInt32 = 246

  /// Whether the file lies on btrfs.
  static func isOn(_ file: Int32) -> Bool { clinux_file_system_kind(file) == kind }

  /// How the file system counts.
  static func state(_ file: Int32, path: String) throws(Fault) -> QgroupState {
    var item = clinux_btrfs_item()
    item.tree = quotaTree
    item.type = status
    guard try find(&item, file, path) else { return .off }
    // The tree learns that a count has begun with the next transaction only.
    let isCounting = try systemCall("ioctl", path: path, message: "cannot tell whether a count is under way") {
      clinux_qgroup_is_counting(file)
    }
    return QgroupState(flags: word(2, of: item), isCounting: isCounting > 0)
  }

  /// What is to be known of a directory that is to be bounded.
  static func facts(_ file: Int32, path: String) throws(Fault) -> SubvolumeFacts {
    var status = stat()
    var subvolume: UInt64 = 0
    try systemCall("fstat", path: path) { fstat(file, &status) }
    try systemCall("ioctl", path: path, message: "cannot tell the subvolume") {
      clinux_btrfs_subvolume(file, &subvolume)
    }
    var facts = SubvolumeFacts(
      inode: UInt64(status.st_ino), state: try state(file, path: path), subvolume: subvolume)
    guard facts.inode == 256, facts.state != .off else { return facts }
    facts.nested = try nested(in: subvolume, file, path)
    for each in [subvolume] + facts.nested {
      facts.groups += try related(to: QgroupName(subvolume: each), file, path).filter { $0.level > 0 }
    }
    return facts
  }

  /// The file system's UUID.
  static func identity(_ file: Int32, path: String) throws(Fault) -> String {
    var bytes = [UInt8](repeating: 0, count: 16)
    try systemCall("ioctl", path: path, message: "cannot tell the file system's UUID") {
      clinux_btrfs_identity(file, &bytes)
    }
    return bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  /// Opens the top of the file system, from which its quota groups are changed: that takes room in the subvolume of the
  /// open file, and a tenant's may be full.
  static func openTop(_ file: Int32, path: String) throws(Fault) -> OwnedDescriptor {
    OwnedDescriptor(
      owning: try systemCall("open_by_handle_at", path: path, message: "cannot open the file system's top") {
        clinux_btrfs_open_top(file)
      })
  }

  /// The subvolumes that are in a group.
  static func members(of group: QgroupName, _ file: Int32, path: String) throws(Fault) -> Set<UInt64> {
    Set(try related(to: group, file, path).filter { $0.level == 0 }.map(\.number))
  }

  /// What a group's members refer to, and the most that they may; nil where there is no such group.
  static func usage(
    of group: QgroupName, _ file: Int32, path: String
  ) throws(Fault) -> (bytes: UInt64, most: UInt64?)? {
    var item = clinux_btrfs_item()
    item.tree = quotaTree
    item.type = information
    item.offset = group.number
    guard try find(&item, file, path), item.offset == group.number else { return nil }
    let bytes = word(1, of: item)
    item.type = limit
    guard try find(&item, file, path), item.offset == group.number else { return (bytes, nil) }
    return (bytes, word(0, of: item) & 1 == 0 ? nil : word(1, of: item))
  }

  /// The groups that a group is in, and those that are in it: each relation is kept under both names.
  private static func related(to group: QgroupName, _ file: Int32, _ path: String) throws(Fault) -> [QgroupName] {
    try offsets(in: quotaTree, of: group.number, type: relation, file, path).map(QgroupName.init(number:))
  }

  private static func nested(in subvolume: UInt64, _ file: Int32, _ path: String) throws(Fault) -> [UInt64] {
    var found: [UInt64] = []
    var seen: Set<UInt64> = [subvolume]
    var open = [subvolume]
    while let next = open.popLast() {
      for inner in try offsets(in: rootTree, of: next, type: rootReference, file, path)
      where seen.insert(inner).inserted {
        found.append(inner)
        open.append(inner)
      }
    }
    return found
  }

  private static func offsets(
    in tree: UInt64, of object: UInt64, type: UInt32, _ file: Int32, _ path: String
  ) throws(Fault) -> [UInt64] {
    var item = clinux_btrfs_item()
    item.tree = tree
    item.object = object
    item.type = type
    var found: [UInt64] = []
    while try find(&item, file, path) {
      found.append(item.offset)
      if item.offset == .max { break }
      item.offset += 1
    }
    return found
  }

  /// ENOENT says that there is no such tree: quotas are off.
  private static func find(
    _ item: inout clinux_btrfs_item, _ file: Int32, _ path: String
  ) throws(Fault) -> Bool {
    do throws(Fault) {
      return try systemCall("ioctl", path: path, message: "cannot read the file system's quota groups") {
        clinux_btrfs_find(file, &item)
      } > 0
    } catch {
      if error.errno?.number == ENOENT { return false }
      throw error
    }
  }

  /// A little-endian number of 64 bits in what an item holds, counted from 0; 0 beyond its end.
  private static func word(_ index: Int, of item: clinux_btrfs_item) -> UInt64 {
    withUnsafeBytes(of: item.data) { bytes in
      guard (index + 1) * 8 <= min(Int(item.length), bytes.count) else { return 0 }
      return UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self))
    }
  }
}
