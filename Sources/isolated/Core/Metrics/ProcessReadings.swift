import Glibc
import Kernel

/// What the kernel says of the daemon's own process.
struct ProcessReadings: Sendable {
  /// Seconds since 1970; nil where it can't be told.
  var start: Double?
  var cpuMicroseconds: UInt64 = 0
  /// Bytes.
  var resident: UInt64?
  /// Bytes.
  var virtual: UInt64?
  var openDescriptors: UInt64?
  var mostDescriptors: UInt64?

  /// Reads it all.
  ///
  /// - Parameter start: what ``startTime()`` said; it doesn't change, but for the clock.
  init(start: Double?) {
    self.start = start
    var usage = rusage()
    if getrusage(RUSAGE_SELF.rawValue, &usage) == 0 {
      func microseconds(_ time: timeval) -> UInt64 {
        UInt64(max(0, time.tv_sec)) * 1_000_000 + UInt64(max(0, time.tv_usec))
      }
      cpuMicroseconds = microseconds(usage.ru_utime) + microseconds(usage.ru_stime)
    }
    // In pages: size resident … (proc_pid_statm(5)).
    if let text = try? SmallFile.read("/proc/self/statm", limit: 4096) {
      let pages = text.split(separator: " ").prefix(2).map { UInt64($0) }
      let page = UInt64(max(0, sysconf(Int32(_SC_PAGESIZE))))
      if pages.count == 2 { (virtual, resident) = (pages[0].map { $0 &* page }, pages[1].map { $0 &* page }) }
    }
    openDescriptors = Self.countDescriptors()
    mostDescriptors = Self.mostDescriptors
  }

  /// The soft limit of descriptors.
  static var mostDescriptors: UInt64? {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return nil }
    return UInt64(limit.rlim_cur)
  }

  /// When this process was started, in seconds since 1970: field 22 of its stat counts from the boot on.
  static func startTime() -> Double? {
    guard let ticks = ProcessIdentity.startTicks(of: getpid()) else { return nil }
    var (now, boot) = (timespec(), timespec())
    clock_gettime(CLOCK_REALTIME, &now)
    clock_gettime(CLOCK_BOOTTIME, &boot)
    func seconds(_ time: timespec) -> Double { Double(time.tv_sec) + Double(time.tv_nsec) / 1e9 }
    let start = seconds(now) - seconds(boot) + Double(ticks) / Double(max(1, sysconf(Int32(_SC_CLK_TCK))))
    return (start * 100).rounded() / 100
  }

  private static func countDescriptors() -> UInt64? {
    // Since Linux 6.2 the directory's size says it at once.
    var status = stat()
    if stat("/proc/self/fd", &status) == 0, status.st_size > 0 { return UInt64(status.st_size) }
    guard let directory = opendir("/proc/self/fd") else { return nil }
    defer { closedir(directory) }
    var count: UInt64 = 0
    while readdir(directory) != nil { count += 1 }
    // Less `.`, `..` and the directory's own.
    return count > 3 ? count - 3 : 0
  }
}
