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

  /// When any jiffy began, by ``MonotonicClock``; the others begin whole ``jiffy`` times before and after. It is seen once,
  /// by watching some jiffies pass: what ``nanoseconds()`` says is a whole number of jiffies since some moment, but not
  /// the time at which it changes.
  public static let edge: Int64 = {
    let seen = (0..<3).map { _ in watch() }
    // Who is interrupted while he watches sees it too late.
    func lateness(_ edge: Int64) -> Int64 { remainder(edge - seen[0] + jiffy / 2) }
    return seen.min { lateness($0) < lateness($1) } ?? 0
  }()

  /// What is left of a time after whole jiffies, not below 0.
  public static func remainder(_ time: Int64) -> Int64 {
    let rest = time % jiffy
    return rest < 0 ? rest + jiffy : rest
  }

  /// Waits for the next jiffy, awake.
  private static func watch() -> Int64 {
    let (last, begun) = (nanoseconds(), MonotonicClock.nanoseconds())
    var now = begun
    // On a clock that stands still there is nothing to see.
    while nanoseconds() == last, now - begun < 4 * jiffy { now = MonotonicClock.nanoseconds() }
    return now
  }
}
