import CgroupKit
import Faults
import IOCalibration
import IOSensor

/// Where the scheduler finds what it works on.
package struct IOPlaces: Sendable {
  /// The top of the cgroup hierarchy; nil where it can't be opened: the host's own groups are then nobody's neighbours.
  package var top: Cgroup?
  /// The path of the group that holds the tenants.
  package var tenants: String
  /// The directory of what is kept over a restart of the daemon, but not of the host.
  package var memory: String
  /// Where disks are listed by their numbers.
  package var sysfs = "/sys/dev/block"
  /// What stays the same of the disk of a name; nil where there is none.
  package var identity: @Sendable (_ name: String) -> String? = { DiskFacts.named($0)?.id }
  /// Loads the latency sensor.
  package var loadSensor: @Sendable () throws(Fault) -> IOLatencySensor = { () throws(Fault) in
    try IOLatencySensor.load()
  }

  /// Takes what has no default.
  package init(top: Cgroup?, tenants: String, memory: String) {
    self.top = top
    self.tenants = tenants
    self.memory = memory
  }
}
