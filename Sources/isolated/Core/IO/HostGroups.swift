import CgroupKit
import Faults

/// The host's own groups at the top of the hierarchy, which share its disks with the tenants.
enum HostGroups {
  /// Every group at the top with processes in it but the one that tenants live beneath, and systemd's own process:
  /// PID 1 must never wait for a limit.
  ///
  /// - Parameter tenants: the path of the group that holds the tenants.
  static func present(in top: Cgroup, besides tenants: String) throws(Fault) -> [String] {
    var present: [String] = []
    for name in try top.childNames() where name != "init.scope" {
      let path = top.path + "/" + name
      if tenants == path || tenants.hasPrefix(path + "/") { continue }
      if try top.childIfPresent(name)?.isPopulated() ?? false { present.append(name) }
    }
    return present
  }
}
