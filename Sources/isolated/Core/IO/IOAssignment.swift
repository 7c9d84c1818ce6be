import CgroupKit
import IOQoS

/// What a tenant may do on one disk.
struct IOAssignment: Sendable {
  /// A whole disk.
  struct Disk: Sendable, Hashable {
    /// The kernel's number for it.
    var number: DeviceNumber
    /// Its name in /sys/block.
    var name: String
    /// What stays the same over restarts; calibrations are kept under it.
    var id: String
  }

  /// The tenant's name.
  var tenant: String
  /// The disk.
  var disk: Disk
  /// What the tenant was promised of it.
  var promise: IOQoS.Promise
  /// The disk's calibration; nil where there is none, and then the promise holds neither reservation nor target.
  var model: IOQoS.DeviceModel?
}
