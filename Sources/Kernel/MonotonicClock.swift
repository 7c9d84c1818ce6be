import Glibc

/// The clock that never goes back: clock_gettime(2), CLOCK_MONOTONIC.
public enum MonotonicClock {
  /// Nanoseconds since boot, suspended time apart.
  public static func nanoseconds() -> Int64 {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec)
  }
}
