import Policy

/// `capabilities`: what each opens. They count in the tenant's own user namespace and what that owns, never on the host.
enum CapabilityLint {
  private struct Rule {
    var severity: LintFinding.Severity
    var reason: String
    var mend: String

    init(_ severity: LintFinding.Severity, _ reason: String, mend: String) {
      self.severity = severity
      self.reason = reason
      self.mend = mend
    }
  }

  static func findings(_ capabilities: [Positioned<Policy.Capability>]) -> [LintFinding] {
    capabilities.compactMap { capability in
      let name = capability.value.description
      // The code follows the name, so that each has its own, for good.
      let code = String(name.lowercased().map { $0 == "_" ? "-" : $0 })
      if let rule = rules[name] {
        return LintFinding(
          code, rule.severity, "the tenant holds \(name)", because: rule.reason, mend: rule.mend,
          at: capability.position)
      }
      guard withoutEffect.contains(name) else { return nil }
      return LintFinding(
        code, .warning, "the tenant holds \(name), which has no effect",
        because: "the kernel asks for it on the host, and a tenant's counts in its own namespaces only",
        mend: "take it out: whoever reads the policy would think that the tenant can do that", at: capability.position)
    }
  }

  private static let rules: [String: Rule] = [
    "CAP_SYS_ADMIN": Rule(
      .error,
      "it is root over the tenant's mounts and namespaces, and opens the kernel code in which most ways out of a "
        + "container were found (CVE-2022-0185, CVE-2022-0492)",
      mend: "find out with `isoctl policy learn` what the program really does, and grant that"),
    "CAP_SYS_PTRACE": Rule(
      .warning, "it reads and changes every process inside, whatever its user, and so undoes users as walls inside",
      mend: "debug in a tenant of its own"),
    "CAP_DAC_READ_SEARCH": Rule(
      .warning,
      "it reads every file inside, and opens files by handle: with open_by_handle_at allowed, past every mount",
      mend: "give the program's user read access to what it needs"),
    "CAP_DAC_OVERRIDE": Rule(
      .warning, "it reads and writes every file whose owner is a user of the tenant's, whatever its mode",
      mend: "give the program's user access to what it needs"),
    "CAP_FOWNER": Rule(
      .warning, "it changes modes and times of every user's files inside", mend: "let the program own its files"),
    "CAP_NET_ADMIN": Rule(
      .warning,
      "it configures the tenant's network, through netfilter and traffic control, where many ways into the kernel were "
        + "found (CVE-2022-32250, CVE-2023-32233, CVE-2024-1086)",
      mend: "have the network set up for it"),
    "CAP_NET_RAW": Rule(
      .warning, "it makes raw packets, and so others' addresses", mend: "an unprivileged ICMP socket does for ping"),
    "CAP_SETUID": Rule(
      .note, "the program can become any user inside, root included", mend: "start it as the user that it becomes"),
    "CAP_SETGID": Rule(
      .note, "the program can become any group inside", mend: "start it with the groups that it takes"),
    "CAP_SETFCAP": Rule(
      .warning, "it gives files capabilities that those who run them hold", mend: "set them when the root is made"),
    "CAP_SYS_CHROOT": Rule(
      .note, "chroot(2) confuses programs that trust their root", mend: "the tenant's root is one already"),
    "CAP_CHECKPOINT_RESTORE": Rule(
      .warning, "it sees and sets what belongs to other processes inside", mend: "restore in a tenant of its own"),
  ]

  /// Those that the kernel asks for in the first user namespace (capable(), not ns_capable()).
  private static let withoutEffect: Set<String> = [
    "CAP_AUDIT_CONTROL", "CAP_AUDIT_READ", "CAP_BLOCK_SUSPEND", "CAP_BPF", "CAP_IPC_LOCK", "CAP_LINUX_IMMUTABLE",
    "CAP_MAC_ADMIN", "CAP_MAC_OVERRIDE", "CAP_MKNOD", "CAP_PERFMON", "CAP_SYSLOG", "CAP_SYS_BOOT", "CAP_SYS_MODULE",
    "CAP_SYS_PACCT", "CAP_SYS_RAWIO", "CAP_SYS_TIME", "CAP_SYS_TTY_CONFIG", "CAP_WAKE_ALARM",
  ]
}
