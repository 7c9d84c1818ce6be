import Glibc

/// How many records of what was denied or refused a user may cause: 20 at once, and 2 a second in the long run. journald
/// takes so many entries of a service and drops what comes after, whoever caused them: without a bound a user who may
/// do nothing could have everybody else's records dropped. What root does, and what is done, is always recorded.
struct DenialBound: Sendable {
  private struct Bucket {
    var left: Int
    var filled: Int64
    var suppressed: Int
  }

  private static let most = 20
  private static let nanosecondsForOne: Int64 = 500_000_000
  /// Beyond as many users, those who have been quiet are forgotten.
  private static let mostUsers = 1024
  private var buckets: [UInt32: Bucket] = [:]

  /// Whether a record may be written at a moment; with how many of the same user's weren't before it, nil if it may not.
  mutating func admit(_ record: AuditRecord, now: Int64) -> Int? {
    guard let user = record.actor?.uid, user != 0, record.result != .done else { return 0 }
    if buckets.count >= Self.mostUsers, buckets[user] == nil { forgetQuiet(now) }
    var bucket = buckets[user] ?? Bucket(left: Self.most, filled: now, suppressed: 0)
    let earned = Self.time(from: bucket.filled, to: now) / Self.nanosecondsForOne
    bucket.left = min(Self.most, bucket.left + Int(clamping: min(earned, Int64(Self.most))))
    // A clock that went back begins anew.
    if earned > 0 || now < bucket.filled { bucket.filled = now }
    defer { buckets[user] = bucket }
    guard bucket.left > 0 else {
      bucket.suppressed += 1
      return nil
    }
    bucket.left -= 1
    defer { bucket.suppressed = 0 }
    return bucket.suppressed
  }

  private static func time(from start: Int64, to end: Int64) -> Int64 {
    let (time, overflow) = end.subtractingReportingOverflow(start)
    return overflow ? (end > start ? .max : 0) : max(0, time)
  }

  private mutating func forgetQuiet(_ now: Int64) {
    buckets = buckets.filter { _, bucket in
      Self.time(from: bucket.filled, to: now) < Self.nanosecondsForOne * Int64(Self.most) || bucket.suppressed > 0
    }
    // All of them are busy: somebody has very many users.
    if buckets.count >= Self.mostUsers { buckets.removeAll() }
  }
}
