import CgroupKit
import Faults
import Glibc
import Kernel
import Policy

extension Fault.Code {
  /// There is no cgroup v2 hierarchy to put tenants into.
  public static let noHierarchy: Self = "group.no-hierarchy"
}

/// The group that holds all tenants' groups, and what can be enforced in it.
struct TenantGroups: Sendable {
  /// The group itself.
  let root: Cgroup
  /// Controllers that every tenant's group has.
  let controllers: Set<Controller>
  /// Where cgroup v2 is mounted.
  let hierarchyRoot: Cgroup?

  /// The delegated unit of systemd that holds tenants.
  static let unit = "isolated.slice/isolated-tenants.service"

  /// Finds or makes the group, and hands down every controller that it has.
  ///
  /// - Parameter place: systemd's unit, a directory, or whichever of the unit and `isolated` at the top there is.
  init(_ place: DaemonConfiguration.GroupParent) throws(Fault) {
    let top = try Self.hierarchy()
    let root: Cgroup
    switch place {
    case .directory(let path): root = try Cgroup(path: path)
    case .systemd: root = try Cgroup(path: top + "/" + Self.unit)
    case .automatic:
      if let unit = try? Cgroup(path: top + "/" + Self.unit) { root = unit } else { root = try Self.ownGroup(in: top) }
    }
    try Self.makeRoom(in: root)
    self.root = root
    controllers = try Self.hand(down: [.cpu, .cpuset, .io, .memory, .pids, .hugetlb, .misc, .rdma], in: root)
    hierarchyRoot = try? Cgroup(path: top)
  }

  private static func ownGroup(in top: String) throws(Fault) -> Cgroup {
    let parent = try Cgroup(path: top)
    try hand(down: [.cpu, .cpuset, .io, .memory, .pids], in: parent)
    if let present = try parent.childIfPresent("isolated") { return present }
    return try parent.createChild("isolated")
  }

  /// Moves what lives in the group itself into a child: systemd before 254 doesn't know DelegateSubgroup=, and the
  /// kernel hands no controllers down from a group with processes ("no internal processes", cgroup-v2.rst).
  private static func makeRoom(in group: Cgroup) throws(Fault) {
    guard !(try group.processes().isEmpty) else { return }
    let child: Cgroup
    if let present = try group.childIfPresent("supervisor") {
      child = present
    } else {
      child = try group.createChild("supervisor")
    }
    _ = try group.moveProcesses(to: child)
  }

  @discardableResult
  private static func hand(down wanted: Set<Controller>, in group: Cgroup) throws(Fault) -> Set<Controller> {
    let available = wanted.intersection(try group.controllers())
    try group.enable(available)
    return available
  }

  /// Where cgroup v2 is mounted.
  static func hierarchy() throws(Fault) -> String {
    let table = try SmallFile.read("/proc/self/mountinfo", limit: 4 << 20)
    for line in table.split(separator: "\n") {
      let fields = line.split(separator: " ")
      guard let dash = fields.firstIndex(of: "-"), dash + 1 < fields.count, fields[dash + 1] == "cgroup2",
        fields.count > 4, !fields[4].hasPrefix("/run/isolated/")
      else { continue }
      return String(fields[4])
    }
    throw Fault(
      .noHierarchy, "cgroup v2 is not mounted on this host",
      mend: "boot with systemd.unified_cgroup_hierarchy=1, or mount -t cgroup2 none /sys/fs/cgroup")
  }

  /// Makes a tenant's group and writes every limit.
  ///
  /// On any fault nothing is left.
  func make(_ name: String, limits: [AskedLimit]) throws(Fault) -> Cgroup {
    let group = try root.createChild(name)
    do throws(Fault) {
      for limit in limits {
        do throws(Fault) {
          try limit.apply(group)
        } catch {
          var fault = error
          fault.position = limit.position
          throw fault
        }
      }
    } catch {
      try group.removeNow()
      throw error
    }
    return group
  }

  static let controllerMend =
    "take the controller from cgroup v1 (cgroup_no_v1=all on the kernel's command line), or set "
    + "`enforcement: best-effort`"

  /// What the policy asks and this host has no controller for.
  func notEnforceable(_ limits: [AskedLimit]) -> [Fault] {
    limits.filter { !controllers.contains($0.controller) }.map { limit in
      Fault(
        .notEnforceable,
        "this host can't enforce \(limit.file)=\(limit.text): the \(limit.controller) controller "
          + "is not available in cgroup v2", path: root.path, position: limit.position, mend: Self.controllerMend)
    }
  }
}
