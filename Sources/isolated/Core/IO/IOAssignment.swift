import CgroupKit
import IOQoS

/// What a tenant may do on one disk.
package struct IOAssignment: Sendable {
  /// A whole disk.
  package struct Disk: Sendable, Hashable, Codable {
    /// The kernel's number for it.
    package var number: DeviceNumber
    /// Its name in /sys/block.
    package var name: String
    /// What stays the same over restarts; calibrations are kept under it.
    package var id: String

    /// Names a disk.
    package init(number: DeviceNumber, name: String, id: String) {
      self.number = number
      self.name = name
      self.id = id
    }
  }

  /// The tenant's name.
  package var tenant: String
  /// The disk.
  package var disk: Disk
  /// What the tenant was promised of it.
  package var promise: IOQoS.Promise
  /// The disk's calibration; nil where there is none that can be used. The promise then holds neither reservation nor
  /// target, unless a restarted daemon took it over from better days.
  package var model: IOQoS.DeviceModel?

  /// Assigns a disk.
  package init(tenant: String, disk: Disk, promise: IOQoS.Promise, model: IOQoS.DeviceModel? = nil) {
    self.tenant = tenant
    self.disk = disk
    self.promise = promise
    self.model = model
  }
}
