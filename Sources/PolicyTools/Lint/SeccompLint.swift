import Faults
import Policy
import Sandbox

/// `seccomp`: what the filter lets through.
enum SeccompLint {
  private struct Rule {
    var code: String
    var severity: LintFinding.Severity
    var calls: Set<String>
    var reason: String
  }

  static func findings(_ policy: TenantPolicy, profile: Sandbox.SeccompPolicy) -> [LintFinding] {
    let seccomp = policy.seccomp
    var findings: [LintFinding] = []
    if seccomp.mode.value == .log {
      findings.append(
        LintFinding(
          "seccomp-log-mode", .error, "the filter refuses nothing: it is in log mode",
          because: "every system call is let through, and only logged if the filter is against it",
          mend: "mode: enforce, once the log is quiet", at: seccomp.mode.position))
    }
    findings += profileFindings(seccomp, profile)
    findings += callFindings(policy, profile)
    return findings
  }

  private static func profileFindings(
    _ seccomp: Policy.SeccompPolicy, _ profile: Sandbox.SeccompPolicy
  ) -> [LintFinding] {
    var findings: [LintFinding] = []
    if profile.defaultAction == .allow || profile.defaultAction == .log, seccomp.only == nil {
      findings.append(
        LintFinding(
          "seccomp-deny-list", .error, "the profile allows every call that it doesn't name",
          because: "the kernel gets new system calls every year, and each is allowed before anybody has looked at it",
          mend: "a profile with a default action of SCMP_ACT_ERRNO, or a list under only",
          at: seccomp.profile.position))
    }
    if profile.flags.contains(.speculationAllowed) {
      findings.append(
        LintFinding(
          "seccomp-speculation", .warning, "the profile asks for no mitigation of speculative store bypass",
          because: "a program that runs code of strangers can then be read by it (Spectre, variant 4)",
          mend: "take SECCOMP_FILTER_FLAG_SPEC_ALLOW out of its flags", at: seccomp.profile.position))
    }
    let foreign = profile.additionalArchitectures.intersection(SeccompArchitecture.native.family)
      .subtracting([.native]).map(\.rawValue).sorted()
    if !foreign.isEmpty {
      findings.append(
        LintFinding(
          "seccomp-foreign-architecture", .note, "calls of \(foreign.joined(separator: ", ")) are let in too",
          because: "the kernel's code for them is old and little used, and 32-bit x86 hides socket calls from filters",
          mend: "a profile without those architectures, unless the tenant runs such programs",
          at: seccomp.profile.position))
    }
    return findings
  }

  private static func callFindings(_ policy: TenantPolicy, _ profile: Sandbox.SeccompPolicy) -> [LintFinding] {
    let seccomp = policy.seccomp
    var named = Set(seccomp.allow.map(\.value))
    var findings: [LintFinding] = []
    for name in seccomp.allow {
      guard let rule = rules.first(where: { $0.calls.contains(name.value) }) else { continue }
      findings.append(finding(rule, "\(name.value) is allowed", at: name.position))
    }
    named.formUnion(seccomp.deny.map(\.value))
    let capabilities = Set(policy.capabilities.compactMap { try? Sandbox.Capability(name: $0.value.description) })
    let usual = Sandbox.SeccompPolicy.standard(capabilities: capabilities).allowedCalls
    var narrowed = profile
    if let only = seccomp.only { narrowed = profile.restricted(to: only.map(\.value)) }
    let beyond = narrowed.allowedCalls.subtracting(usual).subtracting(named)
    for rule in rules {
      let calls = rule.calls.intersection(beyond).sorted()
      guard !calls.isEmpty else { continue }
      findings.append(
        finding(rule, "the profile allows \(calls.joined(separator: ", "))", at: seccomp.profile.position))
    }
    return findings
  }

  private static func finding(
    _ rule: Rule, _ message: String, at position: Fault.Position?
  ) -> LintFinding {
    LintFinding(
      rule.code, rule.severity, message, because: rule.reason,
      mend: "take it out; `isoctl policy learn` shows whether the program makes it at all", at: position)
  }

  private static let rules = [
    Rule(
      code: "call-kernel-code", severity: .error,
      calls: [
        "kexec_load", "kexec_file_load", "init_module", "finit_module", "delete_module", "create_module", "bpf",
        "reboot", "iopl", "ioperm",
      ],
      reason: "it changes the kernel itself, or puts code into it; capabilities stand between, and nothing else"),
    Rule(
      code: "call-mount", severity: .warning,
      calls: [
        "mount", "umount", "umount2", "pivot_root", "move_mount", "open_tree", "open_tree_attr", "fsopen", "fsconfig",
        "fsmount", "fspick", "mount_setattr", "chroot",
      ],
      reason: "mounts are what the tenant's root is made of, and file system drivers parse what they are given"),
    Rule(
      code: "call-namespace", severity: .warning, calls: ["unshare", "setns", "clone3"],
      reason: "new namespaces open kernel code that only their owner reaches; clone3 hides its flags from the filter"),
    Rule(
      code: "call-ptrace", severity: .warning,
      calls: ["ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd"],
      reason: "a program that is broken into reads and drives every other process of its user inside"),
    Rule(
      code: "call-perf", severity: .warning, calls: ["perf_event_open"],
      reason: "its kernel code has had many holes, and counters tell what neighbours do"),
    Rule(
      code: "call-userfaultfd", severity: .warning, calls: ["userfaultfd"],
      reason: "it stops the kernel in the middle of a copy, which turns races into sure exploits"),
    Rule(
      code: "call-io-uring", severity: .warning, calls: ["io_uring_setup", "io_uring_enter", "io_uring_register"],
      reason: "operations of a ring pass no filter, and its code was behind most kernel exploits of 2021 to 2023"),
    Rule(
      code: "call-keyring", severity: .warning, calls: ["keyctl", "add_key", "request_key"],
      reason: "keyrings belong to users, not to namespaces, and have had their holes"),
    Rule(
      code: "call-file-handle", severity: .error, calls: ["open_by_handle_at"],
      reason: "with CAP_DAC_READ_SEARCH it opens any file of a mounted file system, in sight or not"),
    Rule(
      code: "call-host", severity: .warning,
      calls: [
        "swapon", "swapoff", "acct", "syslog", "quotactl", "quotactl_fd", "settimeofday", "clock_settime", "stime",
        "nfsservctl", "lookup_dcookie",
      ],
      reason: "it is about the host, not about the tenant; a capability that the tenant lacks is all that refuses it"),
    Rule(
      code: "call-old-hardware", severity: .warning, calls: ["modify_ldt", "vm86", "vm86old"],
      reason: "little used code for old programs, with a history of holes"),
    Rule(
      code: "call-pages", severity: .warning, calls: ["vmsplice", "move_pages", "migrate_pages"],
      reason: "it handles pages that others may hold too, and has had its holes"),
  ]
}
