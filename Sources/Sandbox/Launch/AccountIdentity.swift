import Kernel

/// Host ids as which tenants' user namespaces are made.
///
/// What processes use of inotify, pending signals, POSIX timers and message queues counts for the user who made their
/// namespace as well, and for all who share that user. So each namespace has one of its own: from the highest 65,536
/// ids, which neither hosts nor tenants use, and which no process runs as (user_namespaces(7); kernel/ucount.c).
enum AccountIdentity {
  static let first: UInt32 = 0xFFFF_0000
  /// All but the two highest, of which the last is the kernel's "no id".
  static let count: UInt32 = 65_534

  /// Where to go on. A daemon that was restarted begins somewhere else: tenants of its predecessor may still run.
  private static let position = Guarded(UInt32.random(in: 0..<count))

  /// The next one; it comes again after 65,534 others.
  static func next() -> UInt32 {
    position.withLock { position in
      defer { position = (position + 1) % count }
      return first + position
    }
  }
}
