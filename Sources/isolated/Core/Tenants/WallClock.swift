import Glibc

/// The time of day.
enum WallClock {
  /// Microseconds since 1970.
  static func microseconds() -> Int {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return now.tv_sec * 1_000_000 + now.tv_nsec / 1000
  }
}
