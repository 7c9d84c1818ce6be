/// The host's limits on numbers of things, against the number of tenants that the daemon allows.
enum LimitChecks {
  private static let tenants = DoctorHost.usualTenants

  static func checks(_ host: DoctorHost) -> [HostCheck] {
    [
      atLeast(
        host, "limits.processes", "process ids", "/proc/sys/kernel/pid_max", "kernel.pid_max", 4 * tenants,
        "each tenant has two processes at least"),
      atLeast(
        host, "limits.threads", "threads", "/proc/sys/kernel/threads-max", "kernel.threads-max", 4 * tenants,
        "each tenant has two processes at least"),
      atLeast(
        host, "limits.files", "open files", "/proc/sys/fs/file-max", "fs.file-max", 32 * tenants,
        "the daemon keeps some descriptors for each tenant, and tenants their own"),
      openFiles(host),
      atLeast(
        host, "limits.keys", "keys of root", "/proc/sys/kernel/keys/root_maxkeys", "kernel.keys.root_maxkeys",
        2 * tenants, "each tenant gets a session keyring of its own"),
      atLeast(
        host, "limits.inotify", "inotify instances", "/proc/sys/fs/inotify/max_user_instances",
        "fs.inotify.max_user_instances", 128, "programs in tenants that watch files: the limit is per tenant's user"),
      subordinate(host), mapped(host),
    ]
  }

  private static func atLeast(
    _ host: DoctorHost, _ id: String, _ name: String, _ path: String, _ setting: String, _ wanted: Int, _ why: String
  ) -> HostCheck {
    let finding: HostCheck.Finding
    // Some of them are larger than any number of this program.
    switch host.tree.text(path).map({ Int($0) ?? .max }) {
    case nil: finding = .ok("the kernel has no such limit")
    case let found? where found >= wanted: finding = .ok("\(found == .max ? "without end" : String(found))")
    case let found?:
      finding = .limited(
        "\(setting) is \(found), too few for the \(tenants) tenants that the daemon allows by default",
        mend: "sysctl \(setting)=\(wanted), and the same line in /etc/sysctl.d/isolated.conf")
    }
    return HostCheck(id, .limits, name, finding, effect: .nothing, why: why)
  }

  private static func openFiles(_ host: DoctorHost) -> HostCheck {
    let wanted = 12 * tenants
    let text = host.systemd?.property("LimitNOFILE", of: "isolated.service")
    let finding: HostCheck.Finding
    switch text {
    case nil, "": finding = .ok("not systemd's to set here")
    case "infinity": finding = .ok("without end")
    case let text? where Int(text) ?? .max >= wanted: finding = .ok("LimitNOFILE=\(text)")
    case let text?:
      finding = .limited(
        "LimitNOFILE=\(text) of isolated.service is too few for \(tenants) tenants",
        mend: "systemctl edit isolated, and set LimitNOFILE=524288 in [Service]")
    }
    return HostCheck(
      "limits.daemon-files", .limits, "open files of the daemon", finding, effect: .nothing,
      why: "the daemon keeps some descriptors for each tenant")
  }

  /// The ids that tenants get by default, as isolated.yaml's `ids` has them.
  private static let ids = 268_435_456..<1_879_048_192

  /// Ids that a user may take for containers of their own must not be a tenant's.
  private static func subordinate(_ host: DoctorHost) -> HostCheck {
    var clashes: [String] = []
    for file in ["/etc/subuid", "/etc/subgid"] {
      for line in host.lines(file) {
        let fields = line.split(separator: ":")
        guard fields.count == 3, let first = Int(fields[1]), let count = Int(fields[2]), first >= 0, count > 0 else {
          continue
        }
        let (end, overflow) = first.addingReportingOverflow(count)
        if (first..<(overflow ? Int.max : end)).overlaps(ids) { clashes.append("\(fields[0]) in \(file)") }
      }
    }
    return HostCheck(
      "limits.subordinate-ids", .limits, "subordinate ids",
      clashes.isEmpty
        ? .ok("none of anybody's are tenants' ids (\(ids.lowerBound) to \(ids.upperBound - 1) by default)")
        : .limited(
          "of \(clashes.prefix(3).joined(separator: ", ")): they overlap the ids that tenants get by default",
          mend: "set another `ids` in /etc/isolated/isolated.yaml before tenants own files, or other ranges there"),
      effect: .policies, why: "a tenant's files and processes are nobody else's")
  }

  /// In a container that has a user namespace, the tenants' ids may be nobody's.
  private static func mapped(_ host: DoctorHost) -> HostCheck {
    let ranges = host.lines("/proc/self/uid_map").compactMap { line -> Range<Int>? in
      let fields = line.split(separator: " ")
      guard fields.count == 3, let first = Int(fields[0]), let count = Int(fields[2]), first >= 0, count >= 0 else {
        return nil
      }
      let (end, overflow) = first.addingReportingOverflow(count)
      return first..<(overflow ? Int.max : end)
    }
    let isWhole = ranges.contains { $0.contains(ids.lowerBound) && $0.contains(ids.upperBound - 1) }
    return HostCheck(
      "limits.mapped-ids", .limits, "tenants' ids",
      isWhole || ranges.isEmpty
        ? .ok("exist here")
        : .missing(
          "this user namespace doesn't have them all (/proc/self/uid_map)",
          mend: "set `ids` in /etc/isolated/isolated.yaml to ids that it has, 65536 for each tenant"),
      effect: .tenants, why: "each tenant has 65536 ids of its own")
  }
}
