import CgroupKit
import Faults
import Glibc
import IOQoS
import Kernel

/// What the host's own groups had in `io.max` before the scheduler wrote there, kept beside the daemon's state so that
/// a restarted daemon doesn't take its predecessor's line for the administrator's.
final class HostLimits {
  private let directory: String

  init(directory: String) { self.directory = directory }

  /// The group's own limits on a disk: those that were kept, or `present`, which are kept from now on.
  func limits(of group: String, on disk: DeviceNumber, present: IOMaxLimits) throws(Fault) -> IOMaxLimits {
    let path = path(group, disk)
    do throws(Fault) {
      let bytes = try SmallFile.readBytes(path, limit: 256)
      let line = try bytes.withUnsafeBufferPointer { (bytes) throws(Fault) in try IOMax(parsing: bytes) }
      return IOMaxLimits(line)
    } catch where error.errno?.number == ENOENT {
      try SmallFile.replace(path, with: Array("\(disk) \(present)\n".utf8))
      return present
    }
  }

  /// Forgets a group whose limits were given back.
  func forget(_ group: String, on disk: DeviceNumber) throws(Fault) {
    let path = path(group, disk)
    if unlink(path) == 0 || errno == ENOENT { return }
    throw Fault(
      .systemCallFailed, "cannot forget a host group's limits", systemCall: "unlink", path: path,
      errno: ErrorNumber(errno))
  }

  private func path(_ group: String, _ disk: DeviceNumber) -> String {
    let name = group.replacing("/", with: "")
    return "\(directory)/host-\(name)-\(disk.major)-\(disk.minor)"
  }
}

extension IOMaxLimits {
  /// What a line of `io.max` says.
  init(_ line: IOMax) {
    func value<Amount: Quantity>(_ limit: CgroupKit.Limit<Amount>) -> UInt64? {
      if case .at(let amount) = limit { amount.rawValue } else { nil }
    }
    self.init(
      PerDirection(
        read: .init(operations: value(line.riops), bytes: value(line.rbps)),
        write: .init(operations: value(line.wiops), bytes: value(line.wbps))))
  }
}
