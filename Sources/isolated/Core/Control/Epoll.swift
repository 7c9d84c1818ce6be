import CLinux
import Faults
import Glibc
import Kernel

/// An epoll instance: epoll(7). Its methods may be called from any thread.
struct Epoll: ~Copyable, Sendable {
  /// What happened to a registered descriptor.
  struct Event {
    /// The number that it was registered with.
    var token: UInt64
    /// EPOLL* bits.
    var bits: UInt32
  }

  static let readable = UInt32(EPOLLIN.rawValue)
  static let writable = UInt32(EPOLLOUT.rawValue)
  static let hungUp = UInt32(EPOLLHUP.rawValue)
  static let failed = UInt32(EPOLLERR.rawValue)

  private let descriptor: OwnedDescriptor

  /// Its own number; readable when ``wait(milliseconds:)`` would answer at once.
  var rawValue: Int32 { descriptor.rawValue }

  init() throws(Fault) {
    descriptor = OwnedDescriptor(owning: try systemCall("epoll_create1") { epoll_create1(Int32(O_CLOEXEC)) })
  }

  func add(_ watched: Int32, token: UInt64, bits: UInt32) throws(Fault) {
    try control(EPOLL_CTL_ADD, watched, token, bits)
  }

  func change(_ watched: Int32, token: UInt64, bits: UInt32) throws(Fault) {
    try control(EPOLL_CTL_MOD, watched, token, bits)
  }

  func remove(_ watched: Int32) throws(Fault) { try control(EPOLL_CTL_DEL, watched, 0, 0) }

  /// Waits for events; a negative timeout waits for ever. Answers none when a signal or the timeout comes first.
  func wait(milliseconds: Int32) throws(Fault) -> [Event] {
    let capacity = 64
    return try withUnsafeTemporaryAllocation(of: epoll_event.self, capacity: capacity) {
      buffer throws(Fault) -> [Event] in
      let count = epoll_wait(descriptor.rawValue, buffer.baseAddress, Int32(capacity), milliseconds)
      if count < 0 {
        if errno == EINTR { return [] }
        throw Fault(
          .systemCallFailed, "cannot wait for clients", systemCall: "epoll_wait", errno: ErrorNumber(errno))
      }
      return (0..<Int(count)).map { Event(token: buffer[$0].data.u64, bits: buffer[$0].events) }
    }
  }

  private func control(_ operation: Int32, _ watched: Int32, _ token: UInt64, _ bits: UInt32) throws(Fault) {
    var event = epoll_event(events: bits, data: epoll_data_t(u64: token))
    try systemCall("epoll_ctl") { epoll_ctl(descriptor.rawValue, operation, watched, &event) }
  }
}
