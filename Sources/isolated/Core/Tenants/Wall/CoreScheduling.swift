import CLinux
import Faults
import Glibc
import Policy

/// `cpu: {core_scheduling}`: Linux' admin-guide/hw-vuln/core-scheduling.
enum CoreScheduling {
  /// Whether the kernel can do it. Where no core has several threads (ENODEV), nobody shares one: that holds as well.
  static var kernelHasIt: Bool { clinux_probe_core_scheduling() == 0 || errno == ENODEV }

  /// A fault if `cpu` asks for what this kernel can't do.
  static func notEnforceable(_ cpu: CPUPolicy) -> [Fault] {
    guard cpu.coreScheduling.value, !kernelHasIt else { return [] }
    return [
      Fault(
        .notEnforceable, "this host can't enforce cpu.core_scheduling: the kernel lacks it",
        position: cpu.coreScheduling.position, mend: "use a kernel with CONFIG_SCHED_CORE=y")
    ]
  }
}
