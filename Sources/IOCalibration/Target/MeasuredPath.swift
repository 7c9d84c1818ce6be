import Faults

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
    let place: PathDevice
    do {
      place = try PathDevice(path, tree: tree)
    } catch {
      throw Fault(
        .ioNotMeasurable, "there is no such device or path", systemCall: "stat", path: path, errno: error.errno,
        mend: "isoctl io devices lists the disks; or name a directory")
    }
    self.path = path
    isDevice = place.kind == .node
    guard place.kind != .other else {
      throw Fault(
        .ioNotMeasurable, "this is neither a directory nor a block device", path: path,
        mend: "name the directory in which a scratch file may be made")
    }
    let mount = isDevice ? nil : MountTable(tree).mount(of: path)
    if let reason = mount?.refusal {
      throw Fault(
        .ioNotMeasurable, reason, path: path, mend: "name a directory on a file system that lies on a local disk")
    }
    let number = place.number
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

  /// Why no disk of this host holds what lies at a path; nil where one may.
  public static func objection(to path: String, tree: SystemTree = SystemTree()) -> String? {
    MountTable(tree).mount(of: path)?.refusal
  }
}
