import CgroupKit
import Faults

/// The host's own groups at the top of the hierarchy, which share its disks with the tenants.
enum HostGroups {
  /// Every group at the top but the one that tenants live beneath, and systemd's own process: PID 1 must never wait
  /// for a limit.
  ///
  /// - Parameter tenants: the path of the group that holds the tenants.
  static func present(in top: Cgroup, besides tenants: String) throws(Fault) -> [String] {
    try top.childNames().filter { name in
      name != "init.scope" && tenants != top.path + "/" + name && !tenants.hasPrefix(top.path + "/" + name + "/")
    }
  }
}
