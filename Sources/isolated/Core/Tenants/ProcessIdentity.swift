import Faults
import Kernel

/// What tells a process from a later one with the same pid.
enum ProcessIdentity {
  /// The start time in clock ticks since boot: field 22 of /proc/PID/stat, proc_pid_stat(5).
  ///
  /// - Returns: nil if there is no such process.
  static func startTicks(of pid: Int32) -> UInt64? {
    guard let text = try? SmallFile.read("/proc/\(pid)/stat", limit: 4096),
      // The command in parentheses may hold spaces and parentheses itself: the last one ends it.
      let end = text.lastIndex(of: ")")
    else { return nil }
    let fields = text[text.index(after: end)...].split(separator: " ")
    return fields.count > 19 ? UInt64(fields[19]) : nil
  }
}
