import Glibc
import IOCalibration

/// Namespaces, and the mounts that a tenant's root is made of.
enum NamespaceChecks {
  static func checks(_ host: DoctorHost) -> [HostCheck] {
    let kinds = KernelAnswers.kinds.map { kind(host, $0.name) }
    return kinds + [counts(host), unprivileged(host), procfs(host), fileSystems(host), overlay(host)] + idMapped(host)
  }

  private static let purposes = [
    "user": "root inside is nobody outside", "mnt": "a root of its own", "pid": "processes of its own",
    "net": "no network, or its own", "ipc": "System V and POSIX queues of its own", "uts": "a host name of its own",
    "cgroup": "a view of its own group alone", "time": "the policy key namespaces.time",
  ]

  private static func kind(_ host: DoctorHost, _ name: String) -> HostCheck {
    let option =
      name == "mnt" ? "CONFIG_NAMESPACES" : name == "cgroup" ? "CONFIG_CGROUPS" : "CONFIG_\(name.uppercased())_NS"
    let finding: HostCheck.Finding
    if !host.tree.exists("/proc/self/ns/\(name)") {
      finding = .missing("the kernel has none", mend: "use a kernel with \(option)=y")
    } else {
      switch host.kernel.namespaces[name] ?? .notAsked("it wasn't tried") {
      case .yes: finding = .ok("can be made")
      case .no(let error) where error.number == ENOSPC:
        finding = .missing("can't be made: a limit of user.max_*_namespaces is reached", mend: limitMend(host, name))
      case .no(let error):
        finding = .missing(
          "can't be made: \(error)",
          mend: "see what refuses it: a security module's log (journalctl -k), or the container that this runs in")
      // Only root could try; the limits below say more.
      case .notAsked: finding = .ok("the kernel has them")
      }
    }
    return HostCheck(
      "namespaces.\(name)", .namespaces, "\(name) namespaces", finding,
      effect: name == "time" ? .policies : .tenants, why: purposes[name] ?? "tenants' isolation")
  }

  /// How to raise the count of a kind; a new namespace of any kind also takes a new user namespace.
  private static func limitMend(_ host: DoctorHost, _ name: String) -> String {
    let isZero = host.tree.number("/proc/sys/user/max_user_namespaces") == 0
    let kind = isZero ? "user" : name
    return "sysctl user.max_\(kind)_namespaces=\(DoctorHost.usualTenants * 2), and the same line in "
      + "/etc/sysctl.d/isolated.conf"
  }

  private static func counts(_ host: DoctorHost) -> HostCheck {
    let wanted = DoctorHost.usualTenants + 16
    let low = ["user", "mnt", "pid", "net", "ipc", "uts", "cgroup"].compactMap { kind -> (String, Int)? in
      guard let most = host.tree.number("/proc/sys/user/max_\(kind)_namespaces"), most < wanted else { return nil }
      return (kind, most)
    }
    let finding: HostCheck.Finding
    if let none = low.first(where: { $0.1 == 0 }) {
      finding = .missing("user.max_\(none.0)_namespaces is 0: none can be made", mend: limitMend(host, none.0))
    } else if let first = low.min(by: { $0.1 < $1.1 }) {
      finding = .limited(
        "user.max_\(first.0)_namespaces is \(first.1), enough for as many tenants at most; the daemon allows "
          + "\(DoctorHost.usualTenants) by default",
        mend: limitMend(host, first.0))
    } else {
      finding = .ok("enough for \(DoctorHost.usualTenants) tenants")
    }
    return HostCheck(
      "namespaces.counts", .namespaces, "number of namespaces", finding, effect: .tenants,
      why: "each tenant has one of each kind")
  }

  /// What distributions forbid to users doesn't concern the daemon, which is root; people look for it all the same.
  private static func unprivileged(_ host: DoctorHost) -> HostCheck {
    var facts: [String] = []
    if host.tree.number("/proc/sys/kernel/unprivileged_userns_clone") == 0 {
      facts.append("kernel.unprivileged_userns_clone=0")
    }
    if host.tree.number("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == 1 {
      facts.append("kernel.apparmor_restrict_unprivileged_userns=1")
    }
    return HostCheck(
      "namespaces.unprivileged", .namespaces, "user namespaces of users",
      .ok(
        facts.isEmpty
          ? "not restricted" : "restricted by \(facts.joined(separator: " and ")); the daemon is root, so it isn't"),
      effect: .nothing, why: "nothing: only root makes tenants")
  }

  /// A tenant's /proc is a fresh one, which the kernel gives only where one is fully visible.
  private static func procfs(_ host: DoctorHost) -> HostCheck {
    let harmless = ["/proc/sys/fs/binfmt_misc", "/proc/fs/nfsd"]
    let covers = MountTable(host.tree).mounts.map(\.point).filter { point in
      point.hasPrefix("/proc/") && !harmless.contains { point == $0 || point.hasPrefix($0 + "/") }
    }
    return HostCheck(
      "namespaces.proc", .namespaces, "/proc",
      covers.isEmpty
        ? .ok("fully visible")
        : .missing(
          "covered at \(covers.prefix(3).joined(separator: ", ")): the kernel refuses tenants a fresh one",
          mend:
            "take ProtectKernelTunables= and its like out of the daemon's unit; in a container, ask for an unmasked "
            + "/proc"), effect: .tenants, why: "a /proc that shows a tenant its own processes alone")
  }

  private static func fileSystems(_ host: DoctorHost) -> HostCheck {
    let wanted = ["proc", "tmpfs", "devpts", "mqueue", "cgroup2"]
    let known = Set(host.lines("/proc/filesystems").compactMap { $0.split(separator: "\t").last.map(String.init) })
    let missing = wanted.filter { !known.contains($0) }
    return HostCheck(
      "namespaces.file-systems", .namespaces, "file systems",
      missing.isEmpty
        ? .ok(wanted.joined(separator: ", "))
        : .missing(
          "the kernel has no \(missing.joined(separator: ", "))",
          mend: "use a kernel with CONFIG_TMPFS, CONFIG_UNIX98_PTYS, CONFIG_POSIX_MQUEUE and CONFIG_CGROUPS"),
      effect: .tenants, why: "every tenant's root has them")
  }

  private static func overlay(_ host: DoctorHost) -> HostCheck {
    let isKnown = host.lines("/proc/filesystems").contains { $0.hasSuffix("\toverlay") }
    let directory = "/lib/modules/\(host.kernel.release)/kernel/fs/overlayfs"
    let isModule = !host.tree.names(directory).isEmpty && host.tree.number("/proc/sys/kernel/modules_disabled") != 1
    return HostCheck(
      "namespaces.overlay", .namespaces, "overlayfs",
      isKnown
        ? .ok("available")
        : isModule
          ? .ok("a module, loaded when it is needed")
          : .missing("the kernel has none", mend: "use a kernel with CONFIG_OVERLAY_FS, or modprobe overlay"),
      effect: .policies, why: "the policy key root.overlay")
  }

  // MARK: Id-mapped mounts

  /// File systems whose mounts can have mapped ids, with the first kernel that can (mount_setattr(2)).
  private static let mappable: [String: (Int, Int)] = [
    "ext4": (5, 12), "ext3": (5, 12), "ext2": (5, 12), "vfat": (5, 12), "xfs": (5, 12), "btrfs": (5, 15),
    "ntfs3": (5, 15), "f2fs": (5, 18), "erofs": (5, 19), "overlay": (5, 19), "squashfs": (6, 2), "tmpfs": (6, 3),
    "ceph": (6, 7),
  ]

  private static func idMapped(_ host: DoctorHost) -> [HostCheck] {
    let table = MountTable(host.tree)
    var seen: Set<String> = []
    var checks: [HostCheck] = []
    for path in PolicyPaths.mapped(host) {
      guard let mount = table.mount(above: path), seen.insert(mount.point).inserted else { continue }
      checks.append(idMapped(host, mount))
    }
    return checks
  }

  private static func idMapped(_ host: DoctorHost, _ mount: MountTable.Mount) -> HostCheck {
    let place = "\(mount.point) (\(mount.type))"
    let mend = "keep tenants' directories on ext4, xfs or btrfs"
    let finding: HostCheck.Finding
    switch host.mapsIds(mount.point) {
    case .yes: finding = .ok("\(place): tried, works")
    case .no(let error):
      finding = .missing("\(place) can't have mapped ids: \(error)", mend: mend)
    case .notAsked:
      switch mappable[mount.type] {
      case (let major, let minor)? where KernelChecks.isAtLeast(major, minor, host.kernel.release):
        finding = .ok("\(place) can, since Linux \(major).\(minor)")
      case (let major, let minor)?:
        finding = .missing("\(place) can't before Linux \(major).\(minor)", mend: "use a newer kernel, or " + mend)
      case nil:
        finding = .unknown("not known of \(place), and only root may try", mend: "run isoctl doctor as root")
      }
    }
    return HostCheck(
      "namespaces.idmap.\(mount.point)", .namespaces, "id-mapped mounts", finding, effect: .policies,
      why: "the policy keys root.base, root.writable and root.overlay with a directory here")
  }
}
