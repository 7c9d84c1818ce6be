/// Control groups: the hierarchy, its controllers, and whether they reach the tenants.
enum CgroupChecks {
  /// The controllers that policies can ask something of, with what they ask.
  private static let asked: [(name: String, why: String)] = [
    ("memory", "memory.min, low, high, max and swap; every policy has a memory.max"),
    ("cpu", "cpu.weight, cpu.max, burst and uclamp"), ("io", "limits, weights and promises of disks"),
    ("pids", "pids.max, which every policy has: it stops fork bombs"),
    ("cpuset", "cpu.cpus: tenants on processors of their own"),
  ]
  /// Those that no policy has a key for.
  private static let others: [(name: String, why: String)] = [
    ("hugetlb", "huge pages; no policy key limits them yet"), ("rdma", "RDMA; no policy key limits it yet"),
    ("misc", "counted resources such as encrypted guests' ids; no policy key limits them yet"),
  ]

  static func checks(_ host: DoctorHost, _ layout: CgroupLayout) -> [HostCheck] {
    var checks = [hierarchy(host, layout)]
    guard layout.top != nil else { return checks }
    for (controller, why) in asked {
      checks.append(available(controller, why, .policies, host, layout))
    }
    for (controller, why) in others {
      checks.append(available(controller, why, .nothing, host, layout))
    }
    checks += delegated(host, layout)
    checks.append(protection(host, layout))
    checks.append(swap(host, layout))
    checks.append(compressed(host, layout))
    checks.append(deviceFilter(host))
    return checks
  }

  // MARK: The hierarchy

  private static func hierarchy(_ host: DoctorHost, _ layout: CgroupLayout) -> HostCheck {
    let finding: HostCheck.Finding
    let held = layout.heldByFirst.keys.sorted().joined(separator: ", ")
    switch (layout.top, layout.firstMounts.isEmpty) {
    case (let top?, true): finding = .ok("mounted at \(top), alone")
    case (let top?, false):
      finding = .limited(
        held.isEmpty
          ? "mounted at \(top), beside cgroup v1, which holds no controller that matters"
          : "mounted at \(top), beside cgroup v1, which holds \(held): a controller is in one of the two only, so "
            + "nothing of these can be limited for tenants, and policies under \"enforcement: strict\" are refused",
        mend: wayOut(host))
    case (nil, false):
      finding = .missing(
        "not mounted; this host uses cgroup v1" + (held.isEmpty ? "" : ", which holds \(held)"), mend: wayOut(host))
    case (nil, true):
      finding = .missing("not mounted", mend: "mount -t cgroup2 none /sys/fs/cgroup")
    }
    let isIdle = layout.top != nil && held.isEmpty
    return HostCheck(
      "cgroups.hierarchy", .cgroups, "cgroup v2", finding,
      effect: layout.top == nil ? .tenants : isIdle ? .nothing : .policies, why: "each tenant is a group in it")
  }

  /// How to give all controllers to cgroup v2.
  private static func wayOut(_ host: DoctorHost) -> String {
    let parameters = "systemd.unified_cgroup_hierarchy=1 cgroup_no_v1=all"
    guard host.tree.exists("/run/systemd/system") else {
      return "boot with cgroup_no_v1=all on the kernel's command line, and have the host's init mount cgroup2 at "
        + "/sys/fs/cgroup in place of the v1 hierarchies"
    }
    let loader =
      host.tree.exists("/etc/default/grub")
      ? " (add it to GRUB_CMDLINE_LINUX in /etc/default/grub, and run update-grub or grub2-mkconfig)" : ""
    return "boot with \(parameters) on the kernel's command line\(loader)"
  }

  // MARK: Controllers

  private static func available(
    _ controller: String, _ why: String, _ effect: HostCheck.Effect, _ host: DoctorHost, _ layout: CgroupLayout
  ) -> HostCheck {
    let finding: HostCheck.Finding
    let isOff = host.words("/proc/cmdline").contains { word in
      word.hasPrefix("cgroup_disable=") && word.dropFirst(15).split(separator: ",").contains { $0 == controller }
    }
    if layout.controllers.contains(controller) {
      finding = .ok("available")
    } else if let place = layout.heldByFirst[controller] {
      finding = .missing("held by cgroup v1, at \(place)", mend: wayOut(host))
    } else if isOff || layout.disabled.contains(controller) {
      finding = .missing(
        "turned off",
        mend: "take cgroup_disable=\(controller) off the kernel's command line (Raspberry Pi kernels "
          + "need cgroup_enable=\(controller))")
    } else if controller == "rdma" || controller == "misc" || controller == "hugetlb" {
      finding = .missing("the kernel has none", mend: "use a kernel with CONFIG_CGROUP_\(controller.uppercased())")
    } else {
      finding = .missing(
        "not in \(layout.top ?? "")/cgroup.controllers",
        mend: "use a kernel that has it, or in a container have the outer system delegate it")
    }
    return HostCheck("cgroups.\(controller)", .cgroups, "controller \(controller)", finding, effect: effect, why: why)
  }

  /// Whether what the hierarchy has reaches the tenants' groups.
  private static func delegated(_ host: DoctorHost, _ layout: CgroupLayout) -> [HostCheck] {
    let why = "a tenant's group has only what every group above it hands down"
    guard let top = layout.top, let group = layout.tenants else {
      return [
        HostCheck(
          "cgroups.delegation", .cgroups, "delegation",
          .unknown("there is no group for tenants yet", mend: "start the daemon: systemctl start isolated"),
          effect: .nothing, why: why)
      ]
    }
    let wanted = asked.map(\.name).filter(layout.controllers.contains)
    let missing = wanted.compactMap { controller in
      gap(of: controller, from: top, to: group, host).map { (controller, $0) }
    }
    guard !missing.isEmpty else {
      return [
        HostCheck(
          "cgroups.delegation", .cgroups, "delegation",
          .ok(wanted.isEmpty ? "there is nothing to hand down" : "\(wanted.joined(separator: ", ")) reach \(group)"),
          effect: .policies, why: why)
      ]
    }
    return missing.map { controller, place in
      let mend =
        place == group
        ? "\(host.systemd == nil ? "restart isolated" : "systemctl restart isolated") (the daemon hands it down at its "
          + "start; no tenant is touched)"
        : host.systemd == nil
          ? "echo +\(controller) > \(place)/cgroup.subtree_control"
          : "systemctl restart isolated-tenants isolated (this ends all tenants), with Delegate=yes in "
            + "isolated-tenants.service"
      return HostCheck(
        "cgroups.delegation.\(controller)", .cgroups, "delegation of \(controller)",
        .missing("\(place) doesn't hand \(controller) down to tenants", mend: mend), effect: .policies, why: why)
    }
  }

  /// The first group on the way from the top to the tenants' that doesn't hand a controller down.
  private static func gap(of controller: String, from top: String, to group: String, _ host: DoctorHost) -> String? {
    var place = top
    for part in group.dropFirst(top.count).split(separator: "/") + [Substring()] {
      guard host.words(place + "/cgroup.subtree_control").contains(where: { $0 == controller }) else { return place }
      place += "/\(part)"
    }
    return nil
  }

  // MARK: Memory

  /// `memory.min` protects no more than every ancestor carries.
  private static func protection(_ host: DoctorHost, _ layout: CgroupLayout) -> HostCheck {
    func minimum(_ group: String) -> Int {
      let text = host.tree.text(group + "/memory.min")
      return text == "max" ? .max : host.tree.number(group + "/memory.min") ?? 0
    }
    let why = "memory.min of tenants: reclaim heeds no more of it than each group above them has itself"
    func check(_ finding: HostCheck.Finding) -> HostCheck {
      HostCheck("cgroups.memory-min", .cgroups, "memory protection", finding, effect: .policies, why: why)
    }
    guard let top = layout.top, let group = layout.tenants, layout.controllers.contains("memory") else {
      return check(.ok("no tenant has reserved memory"))
    }
    let reserved = host.tree.names(group).reduce(0) { sum, name in
      let (more, overflow) = sum.addingReportingOverflow(minimum("\(group)/\(name)"))
      return overflow ? .max : more
    }
    guard reserved > 0 else { return check(.ok("no tenant has reserved memory")) }
    var place = top
    for part in group.dropFirst(top.count).split(separator: "/") {
      place += "/\(part)"
      guard minimum(place) >= reserved else {
        let unit = String(part)
        return check(
          .limited(
            "tenants have reserved \(Figures.bytes(reserved)), and \(unit) has a memory.min of "
              + Figures.bytes(minimum(place)),
            mend: host.systemd == nil
              ? "echo \(reserved) > \(place)/memory.min"
              : "systemctl set-property --runtime \(unit) MemoryMin=\(reserved)"))
      }
    }
    return check(.ok("every group above the tenants carries the \(Figures.bytes(reserved)) that they have reserved"))
  }

  private static func swap(_ host: DoctorHost, _ layout: CgroupLayout) -> HostCheck {
    let devices = host.lines("/proc/swaps").dropFirst().count
    let sample = layout.tenants ?? layout.top.map { $0 + "/system.slice" }
    let isBounded = sample.map { host.tree.exists($0 + "/memory.swap.max") } ?? false
    let finding: HostCheck.Finding
    if devices == 0 {
      finding = .ok("the host doesn't swap")
    } else if isBounded {
      finding = .ok("the host swaps, and memory.swap.max bounds it: 0 unless a policy says otherwise")
    } else if layout.controllers.contains("memory") {
      finding = .limited(
        "the host swaps, and there is no memory.swap.max: past its memory.max a tenant swaps without a bound",
        mend: "take swapaccount=0 off the kernel's command line, or swapoff --all")
    } else {
      finding = .limited(
        "the host swaps, and without the memory controller nothing bounds a tenant's share of it",
        mend: "give the memory controller to cgroup v2")
    }
    return HostCheck(
      "cgroups.swap", .cgroups, "swap", finding, effect: .policies,
      why: "memory.max bounds RAM alone: it holds a tenant only together with memory.swap.max")
  }

  private static func compressed(_ host: DoctorHost, _ layout: CgroupLayout) -> HostCheck {
    let isOn = host.tree.text("/sys/module/zswap/parameters/enabled") == "Y"
    let isBounded = layout.tenants.map { host.tree.exists($0 + "/memory.zswap.max") } ?? true
    return HostCheck(
      "cgroups.zswap", .cgroups, "zswap",
      isOn && !isBounded
        ? .limited(
          "on, and there is no memory.zswap.max",
          mend: "use Linux 5.19 or later, or echo N > /sys/module/zswap/parameters/enabled")
        : .ok(isOn ? "on; it counts as the memory of the tenant that is swapped" : "off"), effect: .policies,
      why: "the policy key memory.zswap")
  }

  private static func deviceFilter(_ host: DoctorHost) -> HostCheck {
    let finding: HostCheck.Finding
    switch host.kernel.deviceFilter {
    case .yes: finding = .ok("groups can have BPF programs")
    case .no(let error):
      finding = .missing(
        "groups can't have BPF programs: \(error)",
        mend: "use a kernel with CONFIG_CGROUP_BPF=y and CONFIG_BPF_SYSCALL=y")
    case .notAsked(let why): finding = .unknown("not tried: \(why)", mend: "run isoctl doctor as root")
    }
    return HostCheck(
      "cgroups.device-filter", .cgroups, "device filter", finding,
      effect: finding.isUnknown ? .nothing : .tenants, why: "which devices a tenant may open")
  }
}

extension HostCheck.Finding {
  /// Whether nothing was found out.
  var isUnknown: Bool {
    if case .unknown = self { true } else { false }
  }
}
