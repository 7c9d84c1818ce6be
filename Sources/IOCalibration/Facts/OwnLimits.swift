/// The limits under which this process itself does IO, and which a measurement would take for the disk's.
public enum OwnLimits {
  /// A warning for each of this process's groups that has an io.max for one of these devices.
  public static func warnings(for disk: DiskFacts, _ tree: SystemTree = SystemTree()) -> [String] {
    guard let top = MountTable(tree).mounts.first(where: { $0.type == "cgroup2" })?.point,
      let line = tree.text("/proc/self/cgroup")?.split(separator: "\n").first(where: { $0.hasPrefix("0::/") })
    else { return [] }
    var warnings: [String] = []
    var path = top
    for part in line.dropFirst(4).split(separator: "/").prefix(64) {
      path += "/" + part
      let limits = tree.text(path + "/io.max", limit: 64 << 10) ?? ""
      for limit in limits.split(separator: "\n") where limit.hasPrefix(disk.number + " ") {
        warnings.append("the group of this process is limited, and so is what was measured: \(path)/io.max: \(limit)")
      }
    }
    return warnings
  }
}
