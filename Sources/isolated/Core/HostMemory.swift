import Faults
import Glibc
import Kernel

/// How much RAM there is.
enum HostMemory {
  /// Bytes: MemTotal of /proc/meminfo, proc_meminfo(5).
  static func total() throws(Fault) -> UInt64 {
    let text = try SmallFile.read("/proc/meminfo", limit: 64 << 10)
    for line in text.split(separator: "\n") where line.hasPrefix("MemTotal:") {
      let fields = line.split(separator: " ")
      if fields.count > 1, let kibibytes = UInt64(fields[1]) { return kibibytes << 10 }
    }
    throw Fault(.internalError, "/proc/meminfo has no MemTotal", path: "/proc/meminfo")
  }
}
