import Faults
import Policy

/// `root`: host paths whose sharing undoes the wall.
enum PathLint {
  private struct Rule {
    var code: String
    var severity: LintFinding.Severity
    var paths: [String]
    /// Whether a path that holds one of these counts too.
    var countsAbove: Bool
    var reason: String
    var mend: String

    func matches(_ path: String) -> Bool {
      paths.contains { PathText.isInside(path, $0) || countsAbove && PathText.isInside($0, path) }
    }
  }

  static func findings(_ root: RootPolicy) -> [LintFinding] {
    var findings: [LintFinding] = []
    if root.base.value == .directory("/") {
      findings.append(
        LintFinding(
          "host-root", .error, "the base is the host's whole root file system",
          because: "the tenant reads there what the host's user of the same number may read, and root inside all of it",
          mend: "base: host, and what else it needs under readable", at: root.base.position))
    }
    if case .directory(let path) = root.overlay.value {
      findings.append(
        LintFinding(
          "overlay-on-disk", .note, "what root inside writes is root's in \(path) on the host",
          because: "a set-user-ID program that the tenant leaves there is the host's root's",
          mend: "keep it where only the host's root can reach it", at: root.overlay.position))
    }
    findings += root.writable.compactMap { finding($0, isWritable: true) }
    findings += root.readable.compactMap { finding($0, isWritable: false) }
    return findings
  }

  private static func finding(_ bind: Positioned<RootPolicy.Bind>, isWritable: Bool) -> LintFinding? {
    let path = bind.value.source
    // /var/run is /run on every system of this century.
    let canonical = PathText.isInside(path, "/var/run") ? String(path.dropFirst("/var".count)) : path
    let rules = (isWritable ? writable : []) + shared
    guard let rule = rules.first(where: { $0.matches(canonical) }) else { return nil }
    return LintFinding(
      rule.code, rule.severity, "\(path) of the host is \(isWritable ? "writable" : "readable")",
      because: rule.reason, mend: rule.mend, at: bind.position)
  }

  /// Dangerous either way: a socket needs no writable mount, and a kernel file system shows what no mode hides.
  private static let shared = [
    Rule(
      code: "control-socket", severity: .error,
      paths: [
        "/run/docker.sock", "/run/docker", "/run/containerd", "/run/crio", "/run/podman", "/run/dbus", "/run/systemd",
        "/run/isolated", "/run/libvirt", "/run/lxd", "/run/udev", "/run/user", "/run/k3s", "/run/incus",
        "/var/lib/lxd", "/var/lib/incus", "/var/lib/libvirt",
      ], countsAbove: true,
      reason: "the sockets there command the host: who may write to one starts services or programs as root",
      mend: "share a directory that holds nothing but the one socket that the tenant talks to"),
    Rule(
      code: "kernel-file-system", severity: .error, paths: ["/proc", "/sys", "/dev"], countsAbove: false,
      reason: "it is the kernel's view of the whole host, with switches in it; the tenant has its own",
      mend: "name single devices under devices"),
  ]

  private static let writable = [
    Rule(
      code: "writable-system-path", severity: .error,
      paths: [
        "/boot", "/efi", "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/root", "/etc/passwd",
        "/etc/group", "/etc/shadow", "/etc/gshadow", "/etc/sudoers", "/etc/sudoers.d", "/etc/crontab", "/etc/cron.d",
        "/etc/cron.daily", "/etc/cron.hourly", "/etc/cron.weekly", "/etc/cron.monthly", "/etc/ssh", "/etc/pam.d",
        "/etc/security", "/etc/systemd", "/etc/udev", "/etc/init.d", "/etc/profile", "/etc/profile.d",
        "/etc/ld.so.preload", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/modprobe.d", "/etc/isolated",
        "/var/spool/cron", "/var/lib/docker", "/var/lib/containerd", "/var/lib/containers", "/var/lib/kubelet",
        "/var/lib/isolated", "/var/lib/systemd", "/var/lib/dpkg", "/var/lib/rpm", "/var/lib/apt", "/var/cache/isolated",
      ], countsAbove: true,
      reason: "the host runs or believes what lies there, so a change by the tenant's user is a change of the host",
      mend: "give the tenant a directory of its own beneath /var/lib or /srv"),
    Rule(
      code: "writable-home", severity: .warning, paths: ["/home"], countsAbove: true,
      reason: "shells and ssh believe what lies in a home directory: a key or a line in .profile is a way to its user",
      mend: "a directory of its own, outside of anybody's home"),
    Rule(
      code: "writable-configuration", severity: .warning, paths: ["/etc"], countsAbove: false,
      reason: "services of the host may read their configuration there",
      mend: "keep what the tenant changes beneath /var/lib"),
    Rule(
      code: "writable-shared-directory", severity: .warning, paths: ["/tmp", "/var/tmp"], countsAbove: false,
      reason: "everybody on the host writes there: names can be taken, and links planted",
      mend: "the tenant has a /tmp of its own; share a directory made for it"),
  ]
}
