import Faults
import Glibc
import Kernel

/// The block device that a path leads to: the one that it names, or the one that its file system lies on.
public struct PathDevice: Sendable, Hashable {
  /// What is at the path.
  public enum Kind: Sendable, Hashable {
    /// A block device's node.
    case node
    case directory
    /// Anything else.
    case other

    init(_ mode: mode_t) {
      switch mode & S_IFMT {
      case S_IFBLK: self = .node
      case S_IFDIR: self = .directory
      default: self = .other
      }
    }
  }

  /// What is at the path.
  public let kind: Kind
  /// The device's number, as stat(2) packs it.
  public let device: UInt64

  /// The driver's part of it; 0 where the path lies on no block device.
  public var major: UInt32 { deviceMajor(device) }
  /// The device's own part.
  public var minor: UInt32 { deviceMinor(device) }
  /// Whether the path is on a block device or is one: not so for what lies in memory, on an overlay, on a network.
  public var isOnDisk: Bool { major != 0 }
  /// `major:minor`, as sysfs writes it.
  public var number: String { "\(major):\(minor)" }

  /// Looks at a path; symbolic links are followed.
  ///
  /// - Throws: the fault of stat(2).
  public init(_ path: String, tree: SystemTree = SystemTree()) throws(Fault) {
    var status = stat()
    try systemCall("stat", path: path, message: "cannot look at the path") { stat(path, &status) }
    let kind = Kind(status.st_mode)
    self.init(
      kind, device: kind == .node ? status.st_rdev : status.st_dev, mount: { MountTable(tree).mount(of: path) },
      nodeDevice: Self.device(ofNode:))
  }

  /// Takes what stat(2) and the mount table say. The mount is asked for where the device is anonymous.
  init(_ kind: Kind, device: dev_t, mount: () -> MountTable.Mount?, nodeDevice: (String) -> dev_t?) {
    var device = device
    // btrfs gives each subvolume a number of its own, which isn't in the mount table either: only where the path lies
    // tells the mount, and the mount's source the disk. Any word may stand there for what has none.
    if kind != .node, deviceMajor(UInt64(device)) == 0, let mount = mount(), mount.refusal == nil,
      mount.source.hasPrefix("/"), let source = nodeDevice(mount.source)
    {
      device = source
    }
    self.kind = kind
    self.device = UInt64(device)
  }

  private static func device(ofNode path: String) -> dev_t? {
    var status = stat()
    guard stat(path, &status) == 0, Kind(status.st_mode) == .node else { return nil }
    return status.st_rdev
  }
}
