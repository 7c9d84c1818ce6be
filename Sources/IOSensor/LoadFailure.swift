import CIOLatency
import Faults
import Glibc

/// Says why the kernel doesn't take the sensor.
enum LoadFailure {
  /// Where the kernel keeps the types that the program's accesses are fitted to.
  static let types = "/sys/kernel/btf/vmlinux"

  static func fault(_ failure: ciolatency_failure, path: String) -> Fault {
    let said = withUnsafeBytes(of: failure.said) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    let number = ErrorNumber(failure.error)
    // The verifier ends with the number of instructions that it has processed, and answers EACCES among others.
    let verdict = said.contains("processed ") || failure.stage == CIOLATENCY_STAGE_OPEN
    if !verdict && (failure.error == EPERM || failure.error == EACCES) {
      return Fault(
        .sensorNotPermitted, "this process may not load the IO sensor", systemCall: "bpf", path: path, errno: number,
        mend: "run it as root with CAP_BPF and CAP_PERFMON, on a kernel that isn't locked down for confidentiality")
    }
    if failure.error == ENOMEM {
      return Fault(
        .systemCallFailed, "there is no memory for the IO sensor's tables", systemCall: "bpf", path: path,
        errno: number, mend: "give it fewer rows and flights")
    }
    if failure.error == ENOENT || failure.error == ESRCH || failure.error == ENOSYS || failure.error == ENOTSUP {
      return Fault(
        .sensorUnsupported, "the kernel lacks what the IO sensor attaches to: \(lastLines(of: said))",
        systemCall: "bpf", path: path, errno: number,
        mend: "the IO sensor needs Linux 6.1 or later with CONFIG_DEBUG_INFO_BTF, CONFIG_BPF_JIT and CONFIG_BLK_CGROUP")
    }
    return Fault(
      .sensorRefused, "the kernel refused the IO sensor: \(lastLines(of: said))", systemCall: "bpf", path: path,
      errno: number, mend: "report this with the kernel's version; without the sensor, io.stat and PSI are used")
  }

  private static func lastLines(of text: String) -> String {
    text.split(separator: "\n").suffix(6).map { line in
      String(line.map { $0.isASCII && $0 >= " " ? $0 : "?" })
    }.joined(separator: " | ")
  }
}
