import Glibc

/// The kernel itself: its age, and the calls that every start makes.
enum KernelChecks {
  /// The oldest kernel that tenants run on.
  static let floor = (major: 6, minor: 1)

  static func checks(_ host: DoctorHost) -> [HostCheck] {
    let kernel = host.kernel
    return [
      version(kernel), machine(kernel),
      call("kernel.clone3", "clone3", kernel.clone3, "tenants are born in their group: CLONE_INTO_CGROUP"),
      call("kernel.openat2", "openat2", kernel.openat2, "no path in a tenant's root is followed out of it"),
      call("kernel.pidfd", "pidfd", kernel.pidfd, "a tenant is never taken for a process that got its number"),
      executableMemory(host), coreScheduling(host), cacheAllocation(host),
    ]
  }

  /// The major and minor number of a release; nil for what isn't one.
  static func version(of release: String) -> (major: Int, minor: Int)? {
    let parts = release.split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count > 1, let major = Int(parts[0]), let minor = Int(parts[1].prefix { $0.isNumber }) else {
      return nil
    }
    return (major, minor)
  }

  /// Whether a release is of a version or later.
  static func isAtLeast(_ major: Int, _ minor: Int, _ release: String) -> Bool {
    version(of: release).map { $0 >= (major, minor) } ?? false
  }

  private static func version(_ kernel: KernelAnswers) -> HostCheck {
    let isNewEnough = isAtLeast(floor.major, floor.minor, kernel.release)
    return HostCheck(
      "kernel.version", .kernel, "version",
      isNewEnough
        ? .ok("\(kernel.release), at least \(floor.major).\(floor.minor)")
        : .missing(
          "\(kernel.release) is older than \(floor.major).\(floor.minor)",
          mend: "install Linux \(floor.major).\(floor.minor) or later: every supported release of Debian (12), Ubuntu "
            + "(24.04) and Fedora has it"),
      effect: .tenants, why: "the calls and the files of groups that tenants are made with")
  }

  private static func machine(_ kernel: KernelAnswers) -> HostCheck {
    let finding: HostCheck.Finding =
      switch kernel.machine {
      case "x86_64": .ok("x86-64")
      case "aarch64": .ok("arm64, for which the code is built and hasn't been run")
      default: .missing("\(kernel.machine)", mend: "use x86-64 or arm64")
      }
    return HostCheck(
      "kernel.machine", .kernel, "machine", finding, effect: .tenants, why: "tenant-init and its filters")
  }

  private static func call(_ id: String, _ name: String, _ answer: KernelAnswer, _ why: String) -> HostCheck {
    let finding: HostCheck.Finding
    switch answer {
    case .yes: finding = .ok("works")
    case .no(let error):
      finding = .missing(
        "refused: \(error)",
        mend: error.number == ENOSYS
          ? "use a newer kernel; in a container, a seccomp profile that knows the call (Docker 20.10.10 or later)"
          : "have the seccomp filter that this process runs under allow \(name)")
    case .notAsked(let why): finding = .unknown("not tried: \(why)", mend: "run isoctl doctor as root")
    }
    return HostCheck(id, .kernel, name, finding, effect: .tenants, why: why)
  }

  private static func executableMemory(_ host: DoctorHost) -> HostCheck {
    let setting = host.tree.number("/proc/sys/vm/memfd_noexec")
    let finding: HostCheck.Finding
    switch host.kernel.executableMemory {
    case _ where setting ?? 0 >= 2:
      finding = .missing(
        "vm.memfd_noexec is \(setting ?? 2): no program may run from memory",
        mend: "sysctl vm.memfd_noexec=1, and the same line in /etc/sysctl.d/isolated.conf")
    case .yes: finding = .ok("memory files can be sealed and run" + (setting.map { " (vm.memfd_noexec=\($0))" } ?? ""))
    case .no(let error):
      finding = .missing("refused: \(error)", mend: "sysctl vm.memfd_noexec=1, on a kernel with CONFIG_MEMFD_CREATE=y")
    case .notAsked(let why): finding = .unknown("not tried: \(why)", mend: "run isoctl doctor as root")
    }
    return HostCheck(
      "kernel.memfd", .kernel, "sealed memory files", finding, effect: .tenants,
      why: "tenant-init runs from one, where nobody can change it")
  }

  private static func coreScheduling(_ host: DoctorHost) -> HostCheck {
    let finding: HostCheck.Finding =
      switch host.kernel.coreScheduling {
      case .yes: .ok("available")
      case .no(let error) where error.number == ENODEV: .ok("not needed: no core has several hardware threads")
      case .no(let error):
        .missing("the kernel has none: \(error)", mend: "use a kernel with CONFIG_SCHED_CORE=y, or boot with nosmt")
      case .notAsked(let why): .unknown("not tried: \(why)", mend: "run isoctl doctor as root")
      }
    return HostCheck(
      "kernel.core-scheduling", .kernel, "core scheduling", finding,
      effect: PolicyPaths.effect(host) { $0.cpu.coreScheduling.value },
      why: "the policy key cpu.core_scheduling: tenants stay off each other's hardware threads")
  }

  private static func cacheAllocation(_ host: DoctorHost) -> HostCheck {
    let isBuilt = host.lines("/proc/filesystems").contains { $0.hasSuffix("\tresctrl") }
    let isMounted = host.tree.exists("/sys/fs/resctrl/schemata")
    return HostCheck(
      "kernel.resctrl", .kernel, "cache allocation",
      isMounted
        ? .ok("resctrl is mounted")
        : isBuilt
          ? .limited("resctrl isn't mounted", mend: "mount -t resctrl resctrl /sys/fs/resctrl")
          : .missing(
            "the kernel or the processor has no resctrl", mend: "use a processor with Intel RDT, AMD QoS or MPAM"),
      effect: PolicyPaths.effect(host) { $0.memory.bandwidth != nil }, why: "the policy key memory.bandwidth")
  }
}
