import Faults
import Glibc
import Kernel

/// The disk beneath a path, and how it may be measured.
public struct MeasuredPath: Sendable {
  /// What is known of the disk.
  public var facts: DiskFacts
  /// Whether the path is the device itself, rather than on it.
  public var isDevice: Bool
  /// What was named.
  public var path: String

  /// Finds the disk of a device node, or of the file system that a path lies on.
  ///
  /// - Throws: `io-calibration.not-measurable`.
  public init(_ path: String, disks: [DiskFacts], tree: SystemTree = SystemTree()) throws(Fault) {
    var status = stat()
    do {
      try systemCall("stat", path: path) { stat(path, &status) }
    } catch {
      throw Fault(
        .ioNotMeasurable, "there is no such device or path", systemCall: "stat", path: path, errno: error.errno,
        mend: "isoctl io devices lists the disks; or name a directory")
    }
    self.path = path
    isDevice = status.st_mode & S_IFMT == S_IFBLK
    guard isDevice || status.st_mode & S_IFMT == S_IFDIR else {
      throw Fault(
        .ioNotMeasurable, "this is neither a directory nor a block device", path: path,
        mend: "name the directory in which a scratch file may be made")
    }
    // Not by st_dev: a subvolume of btrfs has a number of its own there.
    let mount = isDevice ? nil : Self.mount(of: path, tree)
    if let reason = Self.refusal(mount?.type ?? "") {
      throw Fault(
        .ioNotMeasurable, reason, path: path, mend: "name a directory on a file system that lies on a local disk")
    }
    var number = Self.text(isDevice ? status.st_rdev : status.st_dev)
    if number.hasPrefix("0:"), let source = mount?.source {
      var node = stat()
      if stat(source, &node) == 0, node.st_mode & S_IFMT == S_IFBLK { number = Self.text(node.st_rdev) }
    }
    let found = disks.first { disk in
      disk.number == number || disk.partitions.contains { $0.number == number }
    }
    guard let found else {
      throw Fault(
        .ioNotMeasurable, "no disk of this host lies beneath", path: path,
        mend: "name a directory on a file system that lies on a local disk")
    }
    if isDevice, found.number != number {
      throw Fault(
        .ioNotMeasurable, "this is a partition of \(found.name)", path: path,
        mend: "name the whole disk, or a directory of the file system on it")
    }
    if let block = found.logicalBlock, block > 4096 {
      throw Fault(
        .ioNotMeasurable, "\(found.name) has blocks of \(block) bytes, and the cost model is of 4 KiB IOs", path: path)
    }
    facts = found
  }

  /// The identity that a calibration carries.
  public var disk: MeasuredDisk { facts.measured }

  /// The mount that a path lies on: of those whose point begins it, the longest and the last.
  private static func mount(of path: String, _ tree: SystemTree) -> MountTable.Mount? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    let whole = String(cString: resolved)
    var best: MountTable.Mount?
    for mount in MountTable(tree).mounts where mount.point.count >= best?.point.count ?? 0 {
      let isAbove = mount.point == "/" || whole == mount.point || whole.hasPrefix(mount.point + "/")
      if isAbove { best = mount }
    }
    return best
  }

  private static func text(_ device: dev_t) -> String { FileSystemNumber.text(UInt64(device)) }

  /// Why no disk of this host holds what lies at a path; nil where one may.
  public static func objection(to path: String, tree: SystemTree = SystemTree()) -> String? {
    mount(of: path, tree).flatMap { refusal($0.type) }
  }

  /// Why a file system's figures would mean nothing; nil where they mean something.
  private static func refusal(_ type: String) -> String? {
    switch type {
    case "tmpfs", "ramfs", "devtmpfs": "the path lies in memory (\(type)), on no disk"
    case "overlay": "the path lies on an overlay, which is no disk of its own"
    case "zfs": "the path lies on ZFS, whose cache direct IO doesn't pass by"
    default: UngovernedMount.reason(type: type).map { "the path lies on \(type): \($0)" }
    }
  }
}
