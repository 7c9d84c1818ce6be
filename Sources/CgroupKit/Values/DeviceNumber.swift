import Faults
import Glibc
import Kernel

/// The number by which the kernel knows a device: `8:16`.
public struct DeviceNumber: KernelValue, Comparable, Codable {
  /// The driver.
  public let major: UInt32
  /// The device among the driver's.
  public let minor: UInt32

  /// Names a device.
  public init(major: UInt32, minor: UInt32) {
    self.major = major
    self.minor = minor
  }

  /// Parses `major:minor`.
  public init(parsing bytes: UnsafeBufferPointer<UInt8>) throws(Fault) {
    var scanner = ByteScanner(bytes).trimmed
    let whole = scanner
    guard let major = scanner.take(upTo: UInt8(ascii: ":")).number32, let minor = scanner.number32 else {
      throw whole.fault(expected: "a device as major:minor")
    }
    self.init(major: major, minor: minor)
  }

  /// The device behind a node such as `/dev/sda`; symbolic links are followed.
  ///
  /// The io controller takes whole disks only, no partitions.
  ///
  /// - Throws: `.noSuchDevice` where the path is no block device.
  public init(blockDevice path: String) throws(Fault) {
    var information = stat()
    do {
      try systemCall("stat", path: path, message: "cannot look at the device") { stat(path, &information) }
    } catch {
      var located = error
      if error.errno?.number == ENOENT { located.code = .noSuchDevice }
      throw located
    }
    guard information.st_mode & S_IFMT == S_IFBLK else {
      throw Fault(
        .noSuchDevice, "this is no block device", path: path, mend: "name a disk's node, for example /dev/sda"
      )
    }
    self.init(userSpace: UInt64(information.st_rdev))
  }

  /// Takes a number apart as the C library packs it into `dev_t`: makedev(3).
  init(userSpace number: UInt64) {
    major = deviceMajor(number)
    minor = deviceMinor(number)
  }

  /// `major:minor`.
  public var kernelText: String { "\(major):\(minor)" }

  /// Orders by major, then minor number.
  public static func < (left: DeviceNumber, right: DeviceNumber) -> Bool {
    (left.major, left.minor) < (right.major, right.minor)
  }
}
