import CLinux
import Faults
import Glibc
import Kernel

/// What is measured: an open file or device for direct IO.
public struct MeasuredRegion {
  private let descriptor: SharedDescriptor
  /// What it is, for people.
  public let description: String
  /// Bytes.
  public let size: Int
  private let path: String
  private let largestIO: Int

  /// What is asked for at most, in bytes.
  public static let quickSize = 1 << 30
  /// The same with `--thorough`.
  public static let thoroughSize = 8 << 30
  private static let leastSize = 128 << 20
  /// BTRFS_SUPER_MAGIC of linux/magic.h.
  private static let btrfs: Int64 = 0x9123_683E

  /// Makes a file without a name in a directory: when this process ends, however it does, the file is gone.
  ///
  /// It takes at most a quarter of the free space.
  ///
  /// - Throws: `io-calibration.too-little-room`, `.not-measurable` where direct IO or writing isn't possible.
  public init(scratchIn place: MeasuredPath, wanted: Int) throws(Fault) {
    let path = place.path
    var system = statvfs()
    try systemCall("statvfs", path: path) { statvfs(path, &system) }
    let (free, overflow) = UInt64(system.f_bavail).multipliedReportingOverflow(by: UInt64(system.f_frsize))
    let room = overflow ? wanted : Int(clamping: free / 4)
    size = min(wanted, room) / (1 << 20) * (1 << 20)
    guard size >= Self.leastSize else {
      throw Fault(
        .ioTooLittleRoom, "there are only \(FigureText.bytes(Double(room) * 4)) free, of which a quarter may be taken",
        path: path, mend: "free \(FigureText.bytes(Double(Self.leastSize * 4))), or name another directory")
    }
    descriptor = try Self.openScratch(path)
    if clinux_file_system_kind(descriptor.rawValue) == Self.btrfs {
      // What has checksums is written by way of the page cache, O_DIRECT or not (since 6.14, btrfs_direct_write).
      let file = descriptor.rawValue
      try systemCall("ioctl", path: path, message: "cannot have the scratch file be written in place") {
        clinux_btrfs_write_in_place(file)
      }
    }
    let failure = posix_fallocate(descriptor.rawValue, 0, off_t(size))
    guard failure == 0 else {
      throw Fault(
        .ioTooLittleRoom, "cannot reserve \(FigureText.bytes(Double(size))) for the scratch file",
        systemCall: "fallocate", path: path, errno: ErrorNumber(failure))
    }
    self.path = path
    largestIO = place.facts.largestIO ?? 1 << 20
    description = "scratch file in \(path)"
  }

  private static func openScratch(_ path: String) throws(Fault) -> SharedDescriptor {
    let flags = O_RDWR | O_CLOEXEC | clinux_o_direct
    var number = open(path, flags | clinux_o_tmpfile, 0o600)
    var failure = errno
    if number < 0, failure == EOPNOTSUPP || failure == EISDIR || failure == ENOENT {
      // This file system has no nameless files: the name goes as soon as it is there.
      let name = "\(path)/.isoctl-calibrate.\(getpid())"
      number = open(name, flags | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600)
      failure = errno
      if number >= 0 { unlink(name) }
    }
    guard number >= 0 else {
      let mend: String
      switch failure {
      case EROFS: mend = "the file system is read-only: name another directory"
      case EINVAL: mend = "the file system knows no direct IO (O_DIRECT): name another directory"
      case EACCES, EPERM: mend = "run it as root, or name a directory that you may write to"
      default: mend = "name another directory"
      }
      throw Fault(
        .ioNotMeasurable, "cannot make a scratch file", systemCall: "open", path: path,
        errno: ErrorNumber(failure), mend: mend)
    }
    return SharedDescriptor(owning: number)
  }

  /// Opens a whole disk for itself; what is on it will be written over.
  ///
  /// - Throws: `io-calibration.device-in-use` where it is mounted, a part of another device, or open for somebody else
  ///   exclusively; `.not-measurable`.
  public init(destroying place: MeasuredPath, wanted: Int) throws(Fault) {
    let facts = place.facts
    path = place.path
    if let mount = facts.mounts.first {
      throw Fault(
        .ioDeviceInUse, "\(facts.name) is mounted at \(mount.point)", path: path,
        mend: "unmount it, or measure it through a scratch file: isoctl io calibrate \(mount.point)")
    }
    if let holder = facts.holders.first {
      throw Fault(
        .ioDeviceInUse, "\(facts.name) is a part of \(holder)", path: path, mend: "name a disk that nothing uses")
    }
    guard !facts.isReadOnly else { throw Fault(.ioNotMeasurable, "\(facts.name) is read-only", path: path) }
    guard facts.size >= Self.leastSize else {
      throw Fault(
        .ioTooLittleRoom, "\(facts.name) has only \(FigureText.bytes(Double(facts.size)))", path: path,
        mend: "a measurement needs \(FigureText.bytes(Double(Self.leastSize)))")
    }
    let path = path
    // O_EXCL without O_CREAT: the kernel's own claim on a block device, which mounts, swap, md and dm hold (open(2)).
    let number = open(path, O_RDWR | O_CLOEXEC | O_EXCL | clinux_o_direct)
    guard number >= 0 else {
      let failure = errno
      throw Fault(
        failure == EBUSY ? .ioDeviceInUse : .ioNotMeasurable, "cannot have \(facts.name) for the measurement alone",
        systemCall: "open", path: path, errno: ErrorNumber(failure),
        mend: failure == EBUSY ? "somebody uses it: a mount elsewhere, swap, LVM or RAID" : nil)
    }
    descriptor = SharedDescriptor(owning: number)
    size = min(wanted, facts.size) / (1 << 20) * (1 << 20)
    largestIO = facts.largestIO ?? 1 << 20
    description = "device \(path), written over"
  }

  /// An engine for it.
  public func engine() throws(Fault) -> LinuxAIO {
    try LinuxAIO(file: descriptor, path: path, size: size, largestIO: largestIO)
  }
}
