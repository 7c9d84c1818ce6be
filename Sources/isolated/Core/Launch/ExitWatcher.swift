import Faults
import Kernel

/// Tells when processes end, by an epoll instance of their pidfds (pidfd_open(2), "polling"), and when sockets have
/// something to read. The control server's thread watches it.
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

  init() throws(Fault) { epoll = try Epoll() }

  /// Readable when ``dispatch(_:)`` has something to tell.
  var descriptor: Int32 { epoll.rawValue }

  /// Calls `ended` once, from ``dispatch(_:)``, when the process behind the pidfd has ended.
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

  /// Tells of those that have ended, without waiting.
  func dispatch(_ report: (Fault) -> Void) {
    do throws(Fault) {
      for event in try epoll.wait(milliseconds: 0) {
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
