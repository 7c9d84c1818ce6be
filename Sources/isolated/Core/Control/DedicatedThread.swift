import CLinux
import Faults
import Glibc

/// Runs a blocking loop on a thread of its own, so that it never holds one of the concurrency pool's.
enum DedicatedThread {
  private final class Body: Sendable {
    let name: String
    let run: @Sendable () -> Void

    init(name: String, run: @escaping @Sendable () -> Void) {
      self.name = name
      self.run = run
    }
  }

  /// Starts a detached thread with all signals blocked: they are the main thread's.
  ///
  /// - Parameter name: what `ps -L` shows, at most 15 bytes.
  /// - Throws: `system.call-failed`.
  static func start(name: String, _ run: @escaping @Sendable () -> Void) throws(Fault) {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    defer { pthread_attr_destroy(&attributes) }
    var all = sigset_t()
    var previous = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_SETMASK, &all, &previous)
    defer { pthread_sigmask(SIG_SETMASK, &previous, nil) }

    let body = Unmanaged.passRetained(Body(name: String(name.prefix(15)), run: run))
    var thread = pthread_t()
    let number = pthread_create(
      &thread, &attributes,
      { argument in
        if let argument {
          let body = Unmanaged<Body>.fromOpaque(argument).takeRetainedValue()
          _ = clinux_set_thread_name(body.name)
          body.run()
        }
        return nil
      }, body.toOpaque())
    guard number == 0 else {
      body.release()
      throw Fault(
        .systemCallFailed, "cannot start a thread", systemCall: "pthread_create", errno: ErrorNumber(number))
    }
  }
}
