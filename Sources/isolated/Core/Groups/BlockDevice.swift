import CgroupKit
import Faults
import Glibc
import IOCalibration
import Kernel

extension Fault.Code {
  /// A path lies on no disk that the io controller could govern.
  public static let noDisk: Self = "io.no-disk"
}

/// The disk beneath a path of a policy, as the io controller knows it: a whole disk, never a partition.
struct BlockDevice: Sendable, Hashable {
  /// The whole disk's number.
  let number: DeviceNumber
  /// Its name in /sys/block: `nvme0n1`.
  let name: String

  /// Resolves a device node, or the file system that a path lies on.
  ///
  /// - Throws: `io.no-disk` where the path is on no disk (tmpfs, overlay, a network), with the policy's position.
  init(beneath path: String, position: Fault.Position?) throws(Fault) {
    let place: PathDevice
    do throws(Fault) {
      place = try PathDevice(path)
    } catch {
      throw Fault(
        .noDisk, "no disk is known for this path", systemCall: "stat", path: path, errno: error.errno,
        position: position, mend: "name a disk's node or a path that exists on it")
    }
    guard place.isOnDisk else {
      throw Fault(
        .noDisk, MeasuredPath.objection(to: path) ?? "this path lies on no disk of this host", path: path,
        position: position, mend: "io: governs disks of this host: name a path on one, or a disk's node")
    }
    let device = DeviceNumber(major: place.major, minor: place.minor)
    var directory = "/sys/dev/block/\(device)"
    if access(directory + "/partition", F_OK) == 0 { directory += "/.." }
    guard let text = Self.read(directory + "/dev"),
      let whole = try? text.withUTF8Bytes({ bytes throws(Fault) in try DeviceNumber(parsing: bytes) })
    else {
      throw Fault(.noDisk, "the kernel knows no disk \(device)", path: path, position: position)
    }
    number = whole
    name = Self.resolvedName(directory) ?? "\(whole)"
  }

  /// Takes a disk that is known already.
  init(number: DeviceNumber, name: String) {
    self.number = number
    self.name = name
  }

  private static func resolvedName(_ directory: String) -> String? {
    guard let resolved = realpath(directory, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved).split(separator: "/").last.map(String.init)
  }

  private static func read(_ path: String) -> String? { try? SmallFile.read(path, limit: 4096) }
}

extension DeviceNumber {
  /// Takes apart what stat(2) gives, as makedev(3) of the C library packs it.
  init(userDevice number: UInt64) {
    self.init(major: deviceMajor(number), minor: deviceMinor(number))
  }
}

extension String {
  fileprivate func withUTF8Bytes<Result>(
    _ body: (UnsafeBufferPointer<UInt8>) throws(Fault) -> Result
  ) throws(Fault) -> Result {
    let bytes = Array(utf8)
    let outcome = bytes.withUnsafeBufferPointer { buffer -> Swift.Result<Result, Fault> in
      do throws(Fault) { return .success(try body(buffer)) } catch { return .failure(error) }
    }
    return try outcome.get()
  }
}
