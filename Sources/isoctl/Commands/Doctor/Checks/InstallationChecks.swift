/// The files that the package puts in place.
enum InstallationChecks {
  static let sensor = "/usr/lib/isolated/iolatency.bpf.o"
  private static let program = "/usr/lib/isolated/tenant-init"
  private static let cache = "/var/cache/isolated/seccomp"
  private static let reinstall = "install the package isolated"

  static func checks(_ host: DoctorHost) -> [HostCheck] {
    [
      HostCheck(
        "installation.tenant-init", .installation, "tenant-init", trusted(host, program), effect: .tenants,
        why: "it builds every sandbox, and stays as its first process"),
      group(host), filters(host), identities(host), reachable(host),
    ]
  }

  /// A file that root runs: nobody else may have written it.
  static func trusted(_ host: DoctorHost, _ path: String) -> HostCheck.Finding {
    guard let facts = host.facts(path) else { return .missing("\(path) isn't there", mend: reinstall) }
    guard facts.isUntrusted else { return .ok("\(path), root's") }
    return .missing(
      "\(path) belongs to user \(facts.user) with mode \(facts.permissions), so others than root could have written it",
      mend: "\(reinstall), or chown root:root \(path) && chmod go-w \(path)")
  }

  private static func group(_ host: DoctorHost) -> HostCheck {
    let isThere = host.lines("/etc/group").contains { $0.hasPrefix("isolated:") }
    return HostCheck(
      "installation.group", .installation, "group isolated",
      isThere
        ? .ok("there")
        : .missing(
          "there is none: the control socket is root's alone",
          mend: "systemd-sysusers isolated.conf, or groupadd --system isolated"),
      effect: .nothing, why: "users who may spawn what policies allow them")
  }

  private static func filters(_ host: DoctorHost) -> HostCheck {
    HostCheck(
      "installation.filters", .installation, "cache of filters", rootsDirectory(cache, host), effect: .nothing,
      why: "starts that needn't compile a filter again")
  }

  private static func identities(_ host: DoctorHost) -> HostCheck {
    HostCheck(
      "installation.state", .installation, "persistent state", rootsDirectory("/var/lib/isolated", host),
      effect: .policies, why: "the ids that tenants keep for good: who writes there can take another tenant's")
  }

  private static func rootsDirectory(_ path: String, _ host: DoctorHost) -> HostCheck.Finding {
    switch host.facts(path) {
    case nil: .ok("not there yet: the daemon makes it at its start")
    case let facts? where facts.isUntrusted || !facts.isDirectory:
      .limited(
        "\(path) belongs to user \(facts.user) with mode \(facts.permissions)",
        mend: "chown root:root \(path) && chmod 0700 \(path)")
    case _?: .ok("\(path), root's")
    }
  }

  private static func reachable(_ host: DoctorHost) -> HostCheck {
    let blocked = ["/run", "/run/isolated"].first { path in
      host.facts(path).map { $0.mode & 0o001 == 0 } ?? false
    }
    return HostCheck(
      "installation.reachable", .installation, "state directory",
      blocked.map { .missing("not everybody may enter \($0)", mend: "chmod o+x \($0)") }
        ?? .ok("tenants' first processes can reach /run/isolated"),
      effect: .tenants, why: "a tenant's root is put together there, by nobody's process")
  }
}
