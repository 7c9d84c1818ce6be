import Faults
import Glibc
import Kernel
import Policy

extension Fault.Code {
  /// A group of resctrl can't be made or removed.
  public static let bandwidthGroup: Self = "group.bandwidth"
}

/// Shares of memory bandwidth: groups of resctrl, one for each tenant that has a bound; see
/// Documentation/filesystems/resctrl.rst.
///
/// A tenant's first process is put into its group before it forks, and children inherit it.
struct BandwidthGroups: Sendable {
  /// Where resctrl is mounted.
  var root = "/sys/fs/resctrl"

  private static let prefix = "isolated-"
  private static let mostBytes = 1 << 16

  /// The bound of `memory` as ``make(_:percent:)`` takes it; nil where the policy gives none.
  static func percent(of memory: MemoryPolicy) -> UInt64? {
    memory.bandwidth.map { ($0.value.basisPoints + 99) / 100 }
  }

  /// Why this host can't hold the policy's bound; nil where it can or where there is none.
  func notEnforceable(_ memory: MemoryPolicy) -> Fault? {
    guard let bandwidth = memory.bandwidth, let percent = Self.percent(of: memory) else { return nil }
    func cannot(_ why: String, mend: String) -> Fault {
      Fault(
        .notEnforceable, "this host can't enforce memory.bandwidth: \(why)", path: root, position: bandwidth.position,
        mend: mend)
    }
    guard access(root + "/schemata", F_OK) == 0 else {
      return cannot(
        "resctrl is not mounted",
        mend: "mount -t resctrl resctrl /sys/fs/resctrl; it needs a processor with memory bandwidth allocation")
    }
    guard let domains = domains() else {
      return cannot(
        "the processor has no memory bandwidth allocation", mend: "use one that has, or remove \"bandwidth\"")
    }
    guard domains.allSatisfy({ $0.value == 100 }) else {
      return cannot(
        "resctrl counts bandwidth absolutely here, not in per cent",
        mend: "on Intel's processors, mount resctrl without mba_MBps; AMD's have no shares")
    }
    if let least = number("info/MB/min_bandwidth"), percent < least {
      return cannot("\(least)% is the least that the processor can do", mend: "give at least \(least)%")
    }
    return nil
  }

  /// Makes a tenant's group.
  func make(_ name: String, percent: UInt64) throws(Fault) {
    let group = "\(root)/\(Self.prefix)\(name)"
    if mkdir(group, 0o755) != 0, errno != EEXIST {
      let error = ErrorNumber(errno)
      throw Fault(
        .bandwidthGroup, "cannot make the tenant's group of resctrl", systemCall: "mkdir", path: group, errno: error,
        mend: error.number == ENOSPC ? "the processor has no class of service left: end a tenant that has one" : nil)
    }
    do throws(Fault) {
      let shares = (domains() ?? []).map { "\($0.id)=\(percent)" }.joined(separator: ";")
      try write("MB:\(shares)\n", to: group + "/schemata")
    } catch {
      try remove(name)
      throw error
    }
  }

  /// Puts a process into a tenant's group.
  func add(_ pid: Int32, to name: String) throws(Fault) {
    try write("\(pid)\n", to: "\(root)/\(Self.prefix)\(name)/tasks")
  }

  /// Removes a tenant's group, if it has one; processes that live fall back to the host's share.
  func remove(_ name: String) throws(Fault) {
    let group = "\(root)/\(Self.prefix)\(name)"
    guard rmdir(group) != 0, errno != ENOENT, errno != ENOTDIR else { return }
    throw Fault(
      .bandwidthGroup, "cannot remove the tenant's group of resctrl", systemCall: "rmdir", path: group,
      errno: ErrorNumber(errno))
  }

  /// Removes the groups of tenants that don't run.
  func removeStrays(keeping names: Set<String>) throws(Fault) {
    guard access(root + "/schemata", F_OK) == 0 else { return }
    for entry in try DirectoryListing.names(root, message: "cannot list resctrl's groups")
    where entry.hasPrefix(Self.prefix) && !names.contains(String(entry.dropFirst(Self.prefix.count))) {
      try remove(String(entry.dropFirst(Self.prefix.count)))
    }
  }

  /// What the kernel holds of a tenant's bound: its line of `schemata`.
  func text(of name: String) -> String? {
    guard let text = try? SmallFile.read("\(root)/\(Self.prefix)\(name)/schemata", limit: Self.mostBytes) else {
      return nil
    }
    return Self.bandwidthLine(text).map { "MB:\($0)" }
  }

  /// The memory domains with what the host's own group has of each; nil without bandwidth allocation.
  private func domains() -> [(id: String, value: UInt64)]? {
    guard let text = try? SmallFile.read(root + "/schemata", limit: Self.mostBytes),
      let line = Self.bandwidthLine(text)
    else { return nil }
    var domains: [(id: String, value: UInt64)] = []
    for part in line.split(separator: ";") {
      let pair = part.split(separator: "=").map { $0.filter { $0 != " " } }
      guard pair.count == 2, let value = UInt64(pair[1]), UInt64(pair[0]) != nil else { return nil }
      domains.append((String(pair[0]), value))
    }
    return domains.isEmpty ? nil : domains
  }

  /// What follows `MB:` in a `schemata`.
  private static func bandwidthLine(_ schemata: String) -> String? {
    for line in schemata.split(separator: "\n") {
      let trimmed = line.drop { $0 == " " }
      if trimmed.hasPrefix("MB:") { return String(trimmed.dropFirst(3)) }
    }
    return nil
  }

  private func number(_ file: String) -> UInt64? {
    guard let text = try? SmallFile.read("\(root)/\(file)", limit: 64) else { return nil }
    return UInt64(text.filter { $0 != "\n" })
  }

  private func write(_ text: String, to path: String) throws(Fault) {
    let file = OwnedDescriptor(
      owning: try systemCall("open", path: path, message: "cannot bound the tenant's memory bandwidth") {
        open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW)
      })
    let number = file.rawValue
    try systemCall("write", path: path, message: "cannot bound the tenant's memory bandwidth") {
      Glibc.write(number, text, text.utf8.count)
    }
  }
}
