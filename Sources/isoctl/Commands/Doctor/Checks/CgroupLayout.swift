import IOCalibration

/// Which control group hierarchies a host has mounted, and who holds which controller.
struct CgroupLayout: Sendable {
  /// Where cgroup v2 is mounted; nil where it isn't.
  let top: String?
  /// The controllers that cgroup v2 has here.
  let controllers: Set<String>
  /// The controllers that a mounted v1 hierarchy holds, in v2's names, and where.
  let heldByFirst: [String: String]
  /// Where v1 hierarchies are mounted.
  let firstMounts: [String]
  /// The controllers that the kernel's command line or build has turned off, as /proc/cgroups lists them.
  let disabled: Set<String>
  /// The group that holds the tenants' groups, beneath `top`; nil where there is none yet.
  let tenants: String?

  /// The delegated unit of systemd that holds tenants.
  static let unit = "isolated.slice/isolated-tenants.service"

  init(_ host: DoctorHost) {
    let table = MountTable(host.tree)
    let top = Self.hierarchy(table)?.point
    self.top = top
    controllers = Set(top.map { host.words($0 + "/cgroup.controllers").map(String.init) } ?? [])
    var held: [String: String] = [:]
    let first = table.mounts.filter { $0.type == "cgroup" }
    for mount in first {
      for option in mount.fileSystemOptions where Self.names.contains(Self.second(option)) {
        held[Self.second(option)] = mount.point
      }
    }
    heldByFirst = held
    firstMounts = first.map(\.point)
    disabled = Set(
      host.lines("/proc/cgroups").compactMap { line in
        let fields = line.split(separator: "\t")
        return fields.count == 4 && fields[3] == "0" ? Self.second(String(fields[0])) : nil
      })
    tenants = top.flatMap { top in
      [Self.unit, "isolated"].map { "\(top)/\($0)" }.first { host.tree.exists($0 + "/cgroup.controllers") }
    }
  }

  /// The cgroup2 mount, those of tenants' roots apart.
  static func hierarchy(_ table: MountTable) -> MountTable.Mount? {
    table.mounts.first { $0.type == "cgroup2" && !$0.point.hasPrefix("/run/isolated/") }
  }

  /// The controllers of cgroup v2 by their names there.
  static let names: Set<String> = ["cpu", "cpuset", "io", "memory", "pids", "hugetlb", "misc", "rdma"]

  /// What cgroup v2 calls a controller of v1.
  private static func second(_ name: String) -> String { name == "blkio" ? "io" : name }

  /// The layout in a few words.
  var description: String {
    switch (top, firstMounts.isEmpty) {
    case (let top?, true): "cgroup v2 at \(top)"
    case (let top?, false): "cgroup v1 and v2 (hybrid, v2 at \(top))"
    case (nil, false): "cgroup v1"
    case (nil, true): "no control groups"
    }
  }
}
