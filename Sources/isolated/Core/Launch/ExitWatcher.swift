import Faults
import Kernel

/// Tells when tenants' first processes end: one thread that waits on all of their pidfds (pidfd_open(2), "polling").
final class ExitWatcher: Sendable {
  private struct Watched {
    var process: SharedDescriptor
    var ended: @Sendable () -> Void
  }

  private struct State {
    var next: UInt64 = 1
    var watched: [UInt64: Watched] = [:]
  }

  private let state = Guarded(State())
  private let epoll: Epoll

  /// Starts the thread.
  init(report: @escaping @Sendable (Fault) -> Void) throws(Fault) {
    epoll = try Epoll()
    let watcher = self
    try DedicatedThread.start(name: "exits") { watcher.work(report) }
  }

  /// Calls `ended` once, on the watcher's thread, when the process behind the pidfd has ended.
  func watch(_ process: SharedDescriptor, ended: @escaping @Sendable () -> Void) throws(Fault) {
    let token = state.withLock { state in
      defer { state.next += 1 }
      state.watched[state.next] = Watched(process: process, ended: ended)
      return state.next
    }
    do throws(Fault) {
      try epoll.add(process.rawValue, token: token, bits: Epoll.readable)
    } catch {
      state.withLock { $0.watched[token] = nil }
      throw error
    }
  }

  private func work(_ report: @Sendable (Fault) -> Void) {
    while true {
      do throws(Fault) {
        for event in try epoll.wait(milliseconds: -1) {
          guard let watched = state.withLock({ $0.watched.removeValue(forKey: event.token) }) else {
            continue
          }
          try epoll.remove(watched.process.rawValue)
          watched.ended()
        }
      } catch {
        report(error)
      }
    }
  }
}
