import Faults
import Glibc
import Kernel

extension Fault.Code {
  /// A path that should be a device node is something else.
  public static let notADevice: Self = "sandbox.not-a-device"
}

/// A device node of the host that was looked at through the descriptor that is used afterwards, so that no link or
/// swap can put another file in its place (CVE-2025-31133).
struct VerifiedDevice: ~Copyable {
  let descriptor: OwnedDescriptor
  let path: String

  /// Opens a device node.
  ///
  /// - Parameters:
  ///   - major, minor: the numbers that it must have, if they are known.
  /// - Throws: `sandbox.not-a-device` if it is a link, a file, or another device.
  init(path: String, major: UInt32? = nil, minor: UInt32? = nil) throws(Fault) {
    let descriptor = OwnedDescriptor(
      owning: try systemCall("open", path: path, message: "cannot open the device") {
        open(path, O_PATH | O_CLOEXEC | O_NOFOLLOW)
      })
    var status = stat()
    let number = descriptor.rawValue
    try systemCall("fstat", path: path, message: "cannot look at the device") { fstat(number, &status) }
    let kind = status.st_mode & S_IFMT
    guard kind == S_IFCHR || kind == S_IFBLK else {
      throw Fault(.notADevice, "not a device node", path: path)
    }
    let found = (deviceMajor(UInt64(status.st_rdev)), deviceMinor(UInt64(status.st_rdev)))
    guard major.map({ $0 == found.0 }) ?? true, minor.map({ $0 == found.1 }) ?? true else {
      throw Fault(.notADevice, "this is device \(found.0):\(found.1) instead of what its name says", path: path)
    }
    self.descriptor = descriptor
    self.path = path
  }
}
