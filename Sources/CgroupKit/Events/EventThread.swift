import CLinux
import Faults
import Glibc
import Kernel

/// The one thread of a process that sleeps in the kernel until a watched file changes, and wakes whoever watches.
///
/// Changes of cgroup.events, memory.events and their like come through one inotify(7) instance, which costs no
/// descriptor per file and works on plain files as well; pressure triggers come as EPOLLPRI on their own descriptors.
/// The thread starts with the first watch, and then lives as long as the process.
final class EventThread: Sendable {
  /// Whom to wake for what, by the kernel's numbers.
  private struct Registry {
    var watches: [Int32: [UInt64: Watcher]] = [:]
    var triggers: [UInt64: AsyncStream<Void>.Continuation] = [:]
    var lastToken: UInt64 = 0

    mutating func nextToken() -> UInt64 {
      lastToken += 1
      return lastToken
    }
  }

  private struct Watcher {
    let continuation: AsyncStream<Void>.Continuation
    /// Where a directory is watched: the entry whose deletion counts.
    let entry: [UInt8]?
  }

  /// What ends a watch.
  struct Registration: Sendable {
    fileprivate let watch: Int32
    fileprivate let token: UInt64
  }

  private let inotify: SharedDescriptor
  private let epoll: SharedDescriptor
  private let registry = Guarded(Registry())

  private static let instance = Guarded<EventThread?>(nil)

  /// The thread, started on first use.
  static func shared() throws(Fault) -> EventThread {
    try instance.withLock { (instance) throws(Fault) in
      if let running = instance { return running }
      let started = try EventThread()
      try started.start()
      instance = started
      return started
    }
  }

  private init() throws(Fault) {
    inotify = SharedDescriptor(
      owning: try systemCall("inotify_init1", message: "cannot watch files") {
        inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK))
      })
    epoll = SharedDescriptor(
      owning: try systemCall("epoll_create1", message: "cannot watch files") {
        epoll_create1(Int32(EPOLL_CLOEXEC))
      })
    try add(inotify.rawValue, events: EPOLLIN.rawValue, token: 0)
  }

  /// Wakes `continuation` whenever a file of the group is modified.
  func watch(
    file: String, of group: Cgroup, waking continuation: AsyncStream<Void>.Continuation
  ) throws(Fault) -> Registration {
    try watch(
      group: group, entry: file, mask: UInt32(IN_MODIFY),
      watcher: Watcher(continuation: continuation, entry: nil))
  }

  /// Wakes `continuation` when the group is removed.
  ///
  /// Kernels before Linux 7 say so to watchers of the parent's directory only.
  func watchRemoval(
    of group: Cgroup, name: [CChar], waking continuation: AsyncStream<Void>.Continuation
  ) throws(Fault) -> Registration {
    try watch(
      group: group, entry: "..", mask: UInt32(IN_DELETE) | UInt32(IN_ONLYDIR),
      watcher: Watcher(continuation: continuation, entry: name.dropLast().map { UInt8(bitPattern: $0) }))
  }

  private func watch(
    group: Cgroup, entry: String, mask: UInt32, watcher: Watcher
  ) throws(Fault) -> Registration {
    try registry.withLock { (registry) throws(Fault) in
      // inotify takes a path only; the one through /proc leads from the kept descriptor, not from the root.
      let watch = try systemCall(
        "inotify_add_watch", path: group.filePath(entry), message: "cannot watch the file"
      ) {
        inotify_add_watch(inotify.rawValue, "/proc/self/fd/\(group.directory.rawValue)/\(entry)", mask)
      }
      let token = registry.nextToken()
      registry.watches[watch, default: [:]][token] = watcher
      return Registration(watch: watch, token: token)
    }
  }

  /// Ends a watch.
  func end(_ registration: Registration) {
    registry.withLock { registry in
      guard registry.watches[registration.watch]?.removeValue(forKey: registration.token) != nil else {
        return
      }
      guard registry.watches[registration.watch]?.isEmpty == true else { return }
      registry.watches.removeValue(forKey: registration.watch)
      // It fails where the kernel has dropped the watch with the file, which is as good.
      _ = inotify_rm_watch(inotify.rawValue, registration.watch)
    }
  }

  /// Wakes `continuation` at each EPOLLPRI of a pressure trigger, and finishes it at its end.
  ///
  /// The token ends the watch; the descriptor has to stay open until then.
  func watch(
    trigger descriptor: Int32, waking continuation: AsyncStream<Void>.Continuation
  ) throws(Fault) -> UInt64 {
    let token = registry.withLock { registry in
      let token = registry.nextToken()
      registry.triggers[token] = continuation
      return token
    }
    do {
      // Edge-triggered: a trigger whose group was removed reports its error for ever.
      try add(descriptor, events: EPOLLPRI.rawValue | EPOLLET.rawValue, token: token)
    } catch {
      registry.withLock { _ = $0.triggers.removeValue(forKey: token) }
      throw error
    }
    return token
  }

  /// Ends the watch of a trigger.
  func end(trigger descriptor: Int32, token: UInt64) {
    registry.withLock { registry in
      guard registry.triggers.removeValue(forKey: token) != nil else { return }
      _ = epoll_ctl(epoll.rawValue, EPOLL_CTL_DEL, descriptor, nil)
    }
  }

  private func add(_ descriptor: Int32, events: UInt32, token: UInt64) throws(Fault) {
    var event = epoll_event()
    event.events = events
    event.data.u64 = token
    try systemCall("epoll_ctl", message: "cannot watch the file") {
      epoll_ctl(epoll.rawValue, EPOLL_CTL_ADD, descriptor, &event)
    }
  }

  private func start() throws(Fault) {
    // The thread takes no signals: a program's handlers run on its own threads.
    var all = sigset_t()
    var previous = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_SETMASK, &all, &previous)
    defer { pthread_sigmask(SIG_SETMASK, &previous, nil) }
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    var thread = pthread_t()
    let context = Unmanaged.passRetained(self)
    let result = pthread_create(
      &thread, &attributes,
      { context in
        if let context { Unmanaged<EventThread>.fromOpaque(context).takeRetainedValue().run() }
        return nil
      }, context.toOpaque())
    guard result == 0 else {
      context.release()
      throw Fault(
        .systemCallFailed, "cannot start the thread that watches files", systemCall: "pthread_create",
        errno: ErrorNumber(result))
    }
  }

  private func run() {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 8)
    defer { buffer.deallocate() }
    var events = [epoll_event](repeating: epoll_event(), count: 64)
    while true {
      let count = epoll_wait(epoll.rawValue, &events, Int32(events.count), -1)
      guard count > 0 else {
        if count < 0, errno != EINTR { return finishAll() }
        continue
      }
      for event in events.prefix(Int(count)) {
        if event.data.u64 == 0 {
          readNotifications(into: buffer)
        } else {
          deliver(trigger: event.data.u64, events: event.events)
        }
      }
    }
  }

  private func deliver(trigger token: UInt64, events: UInt32) {
    let continuation = registry.withLock { $0.triggers[token] }
    if events & EPOLLERR.rawValue != 0 {
      continuation?.finish()
    } else {
      continuation?.yield()
    }
  }

  private func readNotifications(into buffer: UnsafeMutableRawBufferPointer) {
    guard let base = buffer.baseAddress else { return }
    while true {
      let count = read(inotify.rawValue, base, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      deliver(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }
  }

  /// Walks a batch of `struct inotify_event`s: watch, mask, cookie, length of the name, name.
  private func deliver(_ batch: UnsafeRawBufferPointer) {
    registry.withLock { registry in
      var offset = 0
      while offset + 16 <= batch.count {
        let watch = batch.loadUnaligned(fromByteOffset: offset, as: Int32.self)
        let mask = batch.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self)
        let length = Int(batch.loadUnaligned(fromByteOffset: offset + 12, as: UInt32.self))
        guard length <= batch.count - offset - 16 else { return }
        let name = batch[(offset + 16)..<(offset + 16 + length)].prefix { $0 != 0 }
        offset += 16 + length
        if mask & UInt32(IN_Q_OVERFLOW) != 0 {
          // Some changes were lost, nobody knows which: everyone looks again.
          for watchers in registry.watches.values { watchers.values.forEach { $0.continuation.yield() } }
          continue
        }
        for watcher in (registry.watches[watch] ?? [:]).values {
          if let entry = watcher.entry, mask & UInt32(IN_IGNORED) == 0, !name.elementsEqual(entry) {
            continue
          }
          watcher.continuation.yield()
        }
        if mask & UInt32(IN_IGNORED) != 0 { registry.watches.removeValue(forKey: watch) }
      }
    }
  }

  /// Without its epoll instance the thread can't go on; nobody may wait for it any longer.
  private func finishAll() {
    registry.withLock { registry in
      for watchers in registry.watches.values { watchers.values.forEach { $0.continuation.finish() } }
      registry.triggers.values.forEach { $0.finish() }
      registry = Registry()
    }
  }
}
