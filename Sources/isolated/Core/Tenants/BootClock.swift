import Glibc

/// The time since boot, suspension included: CLOCK_BOOTTIME, which nobody can set. Processes' start times are in it.
enum BootClock {
  /// Microseconds since boot.
  static func microseconds() -> Int {
    var now = timespec()
    clock_gettime(CLOCK_BOOTTIME, &now)
    return now.tv_sec * 1_000_000 + now.tv_nsec / 1000
  }

  /// Clock ticks of /proc/PID/stat in microseconds.
  static func microseconds(ticks: UInt64) -> Int {
    let frequency = UInt64(max(1, sysconf(Int32(_SC_CLK_TCK))))
    let (product, overflow) = ticks.multipliedReportingOverflow(by: 1_000_000)
    return overflow ? .max : Int(clamping: product / frequency)
  }
}
