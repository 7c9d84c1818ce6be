import Policy
import Sandbox

/// Says what a valid policy gives away, and why that matters.
///
/// Pure: what lies on the host is no part of it but the seccomp profile, which comes in as a value.
public enum PolicyLint {
  /// All findings, in the order of the file; those without a place come last.
  ///
  /// - Parameters:
  ///   - policy: the policy.
  ///   - profile: the system call filter that its profile is, before `only`, `allow` and `deny`.
  public static func findings(
    in policy: TenantPolicy, profile: Sandbox.SeccompPolicy
  ) -> [LintFinding] {
    let findings =
      identity(policy) + CapabilityLint.findings(policy.capabilities) + PathLint.findings(policy.root)
      + DeviceLint.findings(policy.devices) + SeccompLint.findings(policy, profile: profile) + resources(policy)
      + namespaces(policy) + control(policy)
    return findings.enumerated().sorted { left, right in
      let first = (left.element.position?.line ?? .max, left.element.position?.column ?? 0, left.offset)
      let second = (right.element.position?.line ?? .max, right.element.position?.column ?? 0, right.offset)
      return first < second
    }.map(\.element)
  }

  private static func identity(_ policy: TenantPolicy) -> [LintFinding] {
    var findings: [LintFinding] = []
    let user = policy.identity.user
    if user.value == .id(0) || user.value == .name("root") {
      findings.append(
        LintFinding(
          "root-inside", .warning, "the command runs as root inside",
          because: "root inside is nobody outside, but it owns the tenant's namespaces, and kernel code that only an "
            + "owner reaches is where most ways out of a container began",
          mend: "give it a user of its own", at: user.position))
    }
    for (name, value) in policy.environment.sorted(by: { $0.key < $1.key }) {
      let words = name.uppercased().split { !$0.isLetter }
      let isSecret = words.contains {
        ["PASSWORD", "PASSWD", "SECRET", "TOKEN", "APIKEY", "CREDENTIALS", "PASSPHRASE"].contains($0)
      }
      guard isSecret, !value.value.isEmpty, !value.value.hasPrefix("/") else { continue }
      findings.append(
        LintFinding(
          "secret-in-environment", .warning, "the variable \(name) looks like a secret",
          because: "whoever reads the policy or the tenant's /proc/PID/environ has it, and programs print their "
            + "environment when they crash",
          mend: "put it into a file that only the tenant reads, and name that file", at: value.position))
    }
    return findings
  }

  private static func resources(_ policy: TenantPolicy) -> [LintFinding] {
    var findings: [LintFinding] = []
    if policy.processes.value == .unlimited {
      findings.append(
        LintFinding(
          "no-process-limit", .warning, "the number of processes has no bound",
          because: "a fork bomb inside takes the pids of the whole host", mend: "give pids.max a number",
          at: policy.processes.position))
    }
    let memory = policy.memory
    if memory.swap.value == .unlimited {
      findings.append(
        LintFinding(
          "unlimited-swap", .warning, "swap has no bound",
          because: "the tenant can fill the host's swap, and its paging is IO that the host pays for",
          mend: "give memory.swap a size", at: memory.swap.position))
    }
    if memory.high == nil {
      findings.append(
        LintFinding(
          "no-memory-high", .note, "memory.high isn't given",
          because:
            "at memory.max the tenant is killed; above memory.high it only gets slower, which can be seen",
          mend: "give memory.high some seven eighths of memory.max", at: memory.max.position))
    }
    let temporary = policy.root.temporary.reduce(UInt64(0)) { sum, mount in
      let (total, overflow) = sum.addingReportingOverflow(mount.size.value.bytes)
      return overflow ? .max : total
    }
    if temporary > memory.max.value.bytes {
      findings.append(
        LintFinding(
          "tmpfs-exceeds-memory", .note, "the file systems in memory may hold more than memory.max",
          because: "they count as the tenant's memory: who fills them has it killed",
          mend: "make them smaller, /tmp and /dev/shm (64MiB each) among them", at: memory.max.position))
    }
    for limit in policy.resourceLimits {
      if limit.resource.value == .rtprio, limit.hard != .atMost(0) {
        findings.append(
          LintFinding(
            "realtime-priority", .warning, "the tenant may take a real-time priority",
            because: "a real-time thread that spins keeps everybody else off its processor",
            mend: "leave rtprio out, or bind the tenant to processors of its own with cpu.cpus",
            at: limit.resource.position))
      }
      if limit.resource.value == .core, limit.hard != .atMost(0) {
        findings.append(
          LintFinding(
            "core-dumps", .note, "core dumps are on",
            because: "the host's core_pattern takes them, with the tenant's memory and its secrets",
            mend: "leave rlimits.core out", at: limit.resource.position))
      }
    }
    return findings
  }

  private static func namespaces(_ policy: TenantPolicy) -> [LintFinding] {
    var findings: [LintFinding] = []
    if policy.network.mode.value == .host {
      findings.append(
        LintFinding(
          "host-network", .warning, "the tenant is on the host's network",
          because: "it reaches what the host's loopback and its network serve, abstract sockets included, and no wall "
            + "stands between its ports and its neighbours'",
          mend: "mode: none and a socket in a writable directory, where clients can use one",
          at: policy.network.mode.position))
    }
    if policy.namespaces.userNamespaces.value > 0 {
      findings.append(
        LintFinding(
          "nested-user-namespaces", .warning, "user namespaces may be made inside",
          because: "in one of its own every process is root over namespaces of its own, and reaches kernel code that "
            + "nobody else does (CVE-2022-0185 and many after it)",
          mend: "leave namespaces.user_namespaces at 0", at: policy.namespaces.userNamespaces.position))
    }
    for setting in policy.sysctls {
      findings.append(
        LintFinding(
          "sysctl", .note, "\(setting.name.value) is set",
          because: "it is the tenant's own, and changes how the kernel treats it",
          mend: "keep it only if the program needs it", at: setting.name.position))
    }
    return findings
  }

  private static func control(_ policy: TenantPolicy) -> [LintFinding] {
    var findings: [LintFinding] = []
    if policy.enforcement == .bestEffort {
      findings.append(
        LintFinding(
          "best-effort", .warning, "what the host can't enforce is passed over",
          because: "on a host without a controller the quotas of this policy are words",
          mend: "enforcement: strict, which refuses to spawn instead"))
    }
    if policy.allow.commandOverride.value, !(policy.allow.groups.isEmpty && policy.allow.users.isEmpty) {
      findings.append(
        LintFinding(
          "command-override", .warning, "others than root may run any command under this policy",
          because: "everything that it grants, writable paths above all, is theirs to use as they like",
          mend: "leave command_override out, and install a policy for each command",
          at: policy.allow.commandOverride.position))
    }
    return findings
  }
}
