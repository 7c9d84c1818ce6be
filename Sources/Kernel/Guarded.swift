import Glibc

/// A value that one thread at a time may use: a pthread mutex around it.
///
/// It does what the standard library's `Mutex` does; but that one is invisible to the thread sanitizer on Linux, which
/// then reports a race at every use, and real ones with them.
public final class Guarded<Value: ~Copyable>: @unchecked Sendable {
  // Unchecked: `value` is touched only between lock and unlock of `mutex`, whose memory never moves.
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private var value: Value

  /// Guards a value.
  public init(_ value: consuming sending Value) {
    mutex = .allocate(capacity: 1)
    // A default mutex needs nothing that could fail.
    pthread_mutex_init(mutex, nil)
    self.value = value
  }

  deinit {
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  /// Uses the value while nobody else does. `body` must not come back here, nor wait for anybody.
  public func withLock<Result: ~Copyable, Failure: Error>(
    _ body: (inout sending Value) throws(Failure) -> sending Result
  ) throws(Failure) -> sending Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return try body(&value)
  }
}
