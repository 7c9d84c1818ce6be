/// The service manager, its units, and the journal.
enum SystemdChecks {
  private static let daemon = "isolated.service"
  private static let holder = "isolated-tenants.service"
  private static let socket = "isolated.socket"

  static func checks(_ host: DoctorHost) -> [HostCheck] {
    guard let systemd = host.systemd else {
      let isThere = host.tree.exists("/run/systemd/system")
      return [
        HostCheck(
          "systemd.manager", .systemd, "systemd",
          isThere
            ? .unknown("it doesn't answer systemctl", mend: "see systemctl status")
            : .missing(
              "it isn't this host's manager: tenants' groups hang in a group of their own",
              mend: "nothing: start isolated by the manager that there is"),
          effect: .nothing, why: "restarts of the daemon, and memory protection above the tenants"), journal(host),
      ]
    }
    // Where it is installed, the daemon can be started by its first client.
    let activation = systemd.property("LoadState", of: socket) == "loaded" ? [unit(systemd, socket)] : []
    return [version(systemd), unit(systemd, daemon), unit(systemd, holder)] + activation
      + [enabled(systemd), delegate(systemd), journal(host)]
  }

  private static func version(_ systemd: SystemdAnswers) -> HostCheck {
    let number = Int(systemd.version.prefix { $0.isNumber }) ?? 0
    let finding: HostCheck.Finding =
      switch number {
      case 254...: .ok(systemd.version)
      case 252...: .ok("\(systemd.version), which doesn't know DelegateSubgroup=: the daemon does its work")
      default: .limited("\(systemd.version) is older than 252", mend: "use Debian 12, Ubuntu 24.04, or later")
      }
    return HostCheck(
      "systemd.version", .systemd, "version", finding, effect: .nothing, why: "the units as they are written")
  }

  private static func unit(_ systemd: SystemdAnswers, _ name: String) -> HostCheck {
    let load = systemd.property("LoadState", of: name) ?? "not-found"
    let active = systemd.property("ActiveState", of: name) ?? "unknown"
    let finding: HostCheck.Finding
    switch (load, active) {
    case ("loaded", "active"): finding = .ok("active")
    case ("loaded", "activating"), ("loaded", "reloading"): finding = .limited(active, mend: "wait, and ask again")
    case ("loaded", "failed"):
      finding = .missing("failed", mend: "see journalctl -u \(name), then systemctl restart \(name)")
    case ("loaded", _): finding = .missing(active, mend: "systemctl start \(name)")
    case ("masked", _): finding = .missing("masked", mend: "systemctl unmask \(name)")
    default: finding = .missing(load, mend: "install the package isolated, or run systemctl daemon-reload")
    }
    return HostCheck(
      "systemd.\(name)", .systemd, name, finding, effect: name == socket ? .nothing : .policies,
      why: name == holder ? "the group that holds tenants, whatever happens to the daemon" : "the daemon")
  }

  private static func enabled(_ systemd: SystemdAnswers) -> HostCheck {
    let state = systemd.property("UnitFileState", of: daemon) ?? ""
    return HostCheck(
      "systemd.enabled", .systemd, "start at boot",
      state == "enabled" || state == "enabled-runtime"
        ? .ok("isolated.service is enabled")
        : .limited(
          "isolated.service is \(state.isEmpty ? "not known" : state)",
          mend: state == "masked"
            ? "systemctl unmask isolated && systemctl enable isolated" : "systemctl enable isolated"),
      effect: .nothing, why: "a daemon that is there after a reboot")
  }

  private static func delegate(_ systemd: SystemdAnswers) -> HostCheck {
    let isOn = systemd.property("Delegate", of: holder) == "yes"
    return HostCheck(
      "systemd.delegate", .systemd, "Delegate= of \(holder)",
      isOn
        ? .ok("yes")
        : .limited(
          "no: systemd may change what the daemon writes there",
          mend: "systemctl revert \(holder), or systemctl edit it and set Delegate=yes in [Service]"),
      effect: systemd.property("LoadState", of: holder) == "loaded" ? .policies : .nothing,
      why: "groups beneath the unit that systemd leaves alone")
  }

  private static func journal(_ host: DoctorHost) -> HostCheck {
    let isThere = host.tree.exists("/run/systemd/journal/stdout")
    return HostCheck(
      "systemd.journal", .systemd, "journal",
      isThere
        ? .ok("there")
        : .missing(
          "there is none: tenants' output goes to files in /var/log/isolated",
          mend: "systemctl start systemd-journald.socket systemd-journald, where systemd is the manager"),
      effect: .nothing, why: "tenants' output and the audit trail in one place")
  }
}
