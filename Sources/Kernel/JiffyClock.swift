import Glibc

/// The clock of the kernel's own timer wheel, as far as user space can see it: clock_gettime(2), CLOCK_MONOTONIC_COARSE.
///
/// It stands still between two jiffies, and moves in the interrupt that counts them (kernel/time/timekeeping.c,
/// update_wall_time, called by tick_do_update_jiffies64). So it tells on which jiffy something happens that the kernel
/// counts in jiffies.
public enum JiffyClock {
  /// The length of a jiffy in nanoseconds: 4 ms at CONFIG_HZ=250.
  public static let jiffy: Int64 = {
    var resolution = timespec()
    guard clock_getres(CLOCK_MONOTONIC_COARSE, &resolution) == 0 else { return 4_000_000 }
    return max(1, Int64(resolution.tv_sec) * 1_000_000_000 + Int64(resolution.tv_nsec))
  }()

  /// ``MonotonicClock`` as of the last jiffy.
  public static func nanoseconds() -> Int64 {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now)
    return Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec)
  }
}
