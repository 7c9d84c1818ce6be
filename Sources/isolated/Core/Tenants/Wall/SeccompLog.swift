import Faults
import Glibc
import Kernel
import Policy

extension Fault.Code {
  /// A filter in log mode on a host that logs nothing.
  static let seccompLogUnavailable: Self = "seccomp.log-unavailable"
}

/// Whether the kernel logs what a filter in log mode is against.
enum SeccompLog {
  /// What keeps a policy's log mode from logging; nil where nothing does, or where it isn't asked for.
  static func objection(to policy: SeccompPolicy) -> Fault? {
    guard policy.mode.value == .log else { return nil }
    guard isAuditThere() else {
      return fault("the kernel's audit system is off", "boot without audit=0", policy)
    }
    let actions = (try? SmallFile.read("/proc/sys/kernel/seccomp/actions_logged", limit: 4096)) ?? ""
    guard actions.split(whereSeparator: \.isWhitespace).contains("log") else {
      return fault(
        "/proc/sys/kernel/seccomp/actions_logged leaves log out", "sysctl kernel.seccomp.actions_logged='… log'", policy
      )
    }
    return nil
  }

  /// With audit=0 on its command line, the kernel has no such protocol (kernel/audit.c: audit_init).
  private static func isAuditThere() -> Bool {
    let number = socket(AF_NETLINK, Int32(SOCK_RAW.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 9 /* NETLINK_AUDIT */)
    guard number >= 0 else { return errno != EPROTONOSUPPORT }
    _ = close(number)
    return true
  }

  private static func fault(_ reason: String, _ mend: String, _ policy: SeccompPolicy) -> Fault {
    Fault(
      .seccompLogUnavailable, "seccomp.mode: log would log nothing: \(reason)", position: policy.mode.position,
      mend: mend)
  }
}
