import IOCalibration

/// seccomp, capabilities and security modules.
enum SecurityChecks {
  static func checks(_ host: DoctorHost) -> [HostCheck] {
    [
      action(
        "security.seccomp", "seccomp", host.kernel.seccompFilter, "CONFIG_SECCOMP_FILTER=y",
        .tenants, "every tenant's system call filter"),
      action(
        "security.seccomp-log", "seccomp's log action", host.kernel.seccompLog, "CONFIG_SECCOMP_FILTER=y",
        .policies, "profiles with SCMP_ACT_LOG"),
      action(
        "security.seccomp-notify", "seccomp's notifications", host.kernel.seccompNotification,
        "CONFIG_SECCOMP_FILTER=y", .nothing, "a supervisor's answer to system calls; no policy key asks for it yet"),
      capabilities(host), modules(host), landlock(host),
    ]
  }

  private static func action(
    _ id: String, _ name: String, _ answer: KernelAnswer, _ option: String, _ effect: HostCheck.Effect, _ why: String
  ) -> HostCheck {
    let finding: HostCheck.Finding =
      switch answer {
      case .yes: .ok("available")
      case .no(let error): .missing("the kernel has none: \(error)", mend: "use a kernel with \(option)")
      case .notAsked(let why): .unknown("not tried: \(why)", mend: "run isoctl doctor as root")
      }
    return HostCheck(id, .security, name, finding, effect: effect, why: why)
  }

  /// What the daemon needs, by number (capability.h).
  private static let needed: [(name: String, number: Int)] = [
    ("CAP_CHOWN", 0), ("CAP_DAC_OVERRIDE", 1), ("CAP_FOWNER", 3), ("CAP_KILL", 5), ("CAP_SETGID", 6),
    ("CAP_SETUID", 7), ("CAP_SETPCAP", 8), ("CAP_SYS_ADMIN", 21), ("CAP_MKNOD", 27),
  ]

  /// PID 1's bounding set is the most that any service of this system can have.
  private static func capabilities(_ host: DoctorHost) -> HostCheck {
    let why = "the daemon's work, before tenants lose them all"
    func check(_ finding: HostCheck.Finding, _ effect: HostCheck.Effect) -> HostCheck {
      HostCheck("security.capabilities", .security, "capabilities of root", finding, effect: effect, why: why)
    }
    let line = host.lines("/proc/1/status").first { $0.hasPrefix("CapBnd:") }
    guard let digits = line?.split(separator: "\t").last, let set = UInt64(digits, radix: 16) else {
      return check(
        .unknown("can't read /proc/1/status", mend: "mount /proc without hidepid=, or ask as root"), .nothing)
    }
    func has(_ number: Int) -> Bool { set >> UInt64(number) & 1 == 1 }
    let missing = needed.filter { !has($0.number) }.map(\.name)
    if !missing.isEmpty {
      return check(
        .missing(
          "no service of this system can have \(missing.joined(separator: ", "))",
          mend: "give the container that this runs in these capabilities, or run isolated on the machine itself"),
        .tenants)
    }
    let resource = (24, "CAP_SYS_RESOURCE")
    guard has(resource.0) else {
      return check(
        .limited(
          "\(resource.1) is missing: hard limits (rlimits) can't be raised",
          mend: "give the container that this runs in \(resource.1)"), .policies)
    }
    return check(.ok("all that the daemon needs"), .tenants)
  }

  private static func modules(_ host: DoctorHost) -> HostCheck {
    let finding: HostCheck.Finding =
      if let list = host.tree.text("/sys/kernel/security/lsm") {
        .ok(list.split(separator: ",").joined(separator: ", "))
      } else {
        .unknown(
          "securityfs isn't mounted: which modules are on, and whether the kernel is locked down, can't be told",
          mend: "mount -t securityfs securityfs /sys/kernel/security")
      }
    return HostCheck(
      "security.modules", .security, "security modules", finding, effect: .nothing,
      why: "knowing what else may refuse something to tenants")
  }

  private static func landlock(_ host: DoctorHost) -> HostCheck {
    let finding: HostCheck.Finding =
      switch host.kernel.landlock {
      case .yes(let version): .ok("version \(version) of its interface")
      case .no(let error):
        .missing(
          "off: \(error)", mend: "use a kernel with CONFIG_SECURITY_LANDLOCK=y, and add landlock to lsm= at boot")
      case .notAsked(let why): .unknown("not tried: \(why)", mend: "run isoctl doctor as root")
      }
    return HostCheck(
      "security.landlock", .security, "Landlock", finding,
      effect: PolicyPaths.effect(host) { $0.landlock?.value == true || $0.network.tcp != nil },
      why: "the policy keys landlock and network.tcp: a tenant is kept to its files whatever is mounted")
  }
}
