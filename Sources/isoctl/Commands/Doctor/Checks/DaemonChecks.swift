import ControlProtocol
import Faults

/// The daemon that is running, and the way to it.
enum DaemonChecks {
  static func checks(_ host: DoctorHost, _ layout: CgroupLayout) -> [HostCheck] {
    [reach(host), version(host), socket(host)] + controllers(host, layout) + latencies(host)
  }

  private static func reach(_ host: DoctorHost) -> HostCheck {
    let finding: HostCheck.Finding =
      switch host.daemon.reach {
      case .answers: .ok("it answers at \(host.daemon.socket)")
      case .fails(let fault):
        .missing(
          "\(fault.message) (\(host.daemon.socket))",
          mend: fault.mend ?? "see what it says: journalctl -u isolated")
      }
    return HostCheck("daemon.reach", .daemon, "daemon", finding, effect: .policies, why: "starting tenants")
  }

  private static func version(_ host: DoctorHost) -> HostCheck {
    let finding: HostCheck.Finding =
      switch host.daemon.reach {
      case .answers(isolatedVersion, _): .ok("\(isolatedVersion), as isoctl")
      case .answers(let version, _):
        .limited(
          "the daemon is \(version), and isoctl is \(isolatedVersion)",
          mend: "systemctl restart isolated (no tenant is touched)")
      case .fails: .unknown("the daemon doesn't answer", mend: "see above")
      }
    return HostCheck(
      "daemon.version", .daemon, "version", finding, effect: .nothing, why: "a daemon and a client of one release")
  }

  /// Who may use the socket, and whether whoever asks may.
  private static func socket(_ host: DoctorHost) -> HostCheck {
    let path = host.daemon.socket
    let why = "users who may spawn what policies allow them, and nobody else"
    func check(_ finding: HostCheck.Finding, _ effect: HostCheck.Effect) -> HostCheck {
      HostCheck("daemon.socket", .daemon, "control socket", finding, effect: effect, why: why)
    }
    guard let facts = host.facts(path) else {
      return check(.unknown("\(path) isn't there", mend: "start the daemon: systemctl start isolated"), .nothing)
    }
    let expected = group(named: "isolated", host)
    if facts.mode & 0o7777 != 0o660 || facts.user != 0 || expected.map({ $0 != facts.group }) ?? false {
      return check(
        .limited(
          "\(path) has mode \(facts.permissions), user \(facts.user) and group \(facts.group), not 0660 and "
            + "root:isolated",
          mend: "chown root:isolated \(path) && chmod 0660 \(path)"), .policies)
    }
    let mayUse = host.caller.isRoot || host.caller.groups.contains(facts.group)
    return check(
      mayUse
        ? .ok("\(path), 0660 root:isolated; you may use it")
        : .limited(
          "\(path) is for root and the group isolated, and you are neither",
          mend: "usermod --append --groups isolated USER, and log in again"), .policies)
  }

  private static func group(named name: String, _ host: DoctorHost) -> UInt32? {
    host.lines("/etc/group").lazy.map { $0.split(separator: ":", omittingEmptySubsequences: false) }
      .first { $0.count > 2 && $0[0] == name }.flatMap { UInt32($0[2]) }
  }

  /// The daemon took what there was at its start.
  private static func controllers(_ host: DoctorHost, _ layout: CgroupLayout) -> [HostCheck] {
    guard case .answers(_, let had) = host.daemon.reach else { return [] }
    let wanted = ["cpu", "cpuset", "io", "memory", "pids"].filter(layout.controllers.contains)
    let missing = wanted.filter { !had.contains($0) }
    return [
      HostCheck(
        "daemon.controllers", .daemon, "controllers",
        missing.isEmpty
          ? .ok(had.isEmpty ? "none" : "tenants get \(had.joined(separator: ", "))")
          : .limited(
            "the daemon started without \(missing.joined(separator: ", "))",
            mend: "systemctl restart isolated (no tenant is touched)"),
        effect: .policies, why: "limits of tenants from now on")
    ]
  }

  private static func latencies(_ host: DoctorHost) -> [HostCheck] {
    guard case .answers = host.daemon.reach else { return [] }
    guard let (disk, absence) = host.daemon.latencyAbsences.min(by: { $0.key < $1.key }) else {
      return [
        HostCheck(
          "daemon.latencies", .daemon, "IO latencies", .ok("measured wherever they are promised"), effect: .policies,
          why: "latency targets that are measured")
      ]
    }
    return [
      HostCheck(
        "daemon.latencies", .daemon, "IO latencies",
        .limited(
          "not measured on \(disk): \(absence)",
          mend: "see the findings about the IO sensor, then systemctl restart isolated"),
        effect: .policies, why: "latency targets that are measured")
    ]
  }
}
