import CgroupKit
import IOQoS

/// What a tenant may do on one disk.
struct IOAssignment: Sendable {
  /// A whole disk.
  struct Disk: Sendable, Hashable, Codable {
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
  /// The disk's calibration; nil where there is none that can be used. The promise then holds neither reservation nor
  /// target, unless a restarted daemon took it over from better days.
  var model: IOQoS.DeviceModel?
}
