import ControlProtocol
import Kernel

/// What happens to tenants, told to whoever listens.
///
/// Telling never waits: each listener has a queue of its own with an end. Who reads too slowly misses what comes while
/// it is full, and is told how much that was, at the place where it is missing.
public final class TenantEvents: Sendable {
  /// An event and the user whose tenant it is about.
  private struct Told {
    var event: TenantEvent
    var owner: UInt32
  }

  private struct State {
    var listeners: [UInt64: TenantEventStream] = [:]
    var last: UInt64 = 0
    /// The last events, the newest at the end.
    var recent: [Told] = []
  }

  /// How many past events are kept for listeners to come; up to twice as many lie in memory.
  static let mostRecent = 1024

  private let state = Guarded(State())

  /// Nobody listens yet.
  public init() {}

  /// How many listen.
  var listenerCount: Int { state.withLock { $0.listeners.count } }
  /// Whether anybody listens.
  var hasListeners: Bool { listenerCount > 0 }

  /// Tells an event to all who may see it.
  ///
  /// - Parameter owner: the user who spawned the tenant.
  public func publish(_ event: TenantEvent, owner: UInt32) {
    let listeners = state.withLock { state in
      state.recent.append(Told(event: event, owner: owner))
      if state.recent.count >= 2 * Self.mostRecent { state.recent.removeFirst(Self.mostRecent) }
      return Array(state.listeners.values)
    }
    for listener in listeners { listener.offer(event, owner: owner) }
  }

  /// Starts to listen.
  ///
  /// - Parameters:
  ///   - tenants: whose events; nil for all.
  ///   - owner: the user whose tenants' events may be seen; nil for everybody's.
  ///   - since: what happened since then is told first, in microseconds since 1970; nil for nothing.
  public func listen(to tenants: [String]?, owner: UInt32?, since: Int? = nil) -> TenantEventStream {
    state.withLock { state in
      state.last += 1
      let number = state.last
      let stream = TenantEventStream(tenants: tenants.map { Set($0) }, owner: owner) { [weak self] in
        self?.state.withLock { _ = $0.listeners.removeValue(forKey: number) }
      }
      stream.offer(TenantEvent(timeUsec: WallClock.microseconds(), event: .listening))
      if let since {
        // Within the queue's bounds: the newest are worth most.
        let past = state.recent.filter { $0.event.timeUsec >= since && stream.wants($0.event, owner: $0.owner) }
        for told in past.suffix(TenantEventStream.mostWaiting - 1) { stream.offer(told.event, owner: told.owner) }
      }
      state.listeners[number] = stream
      return stream
    }
  }
}

/// One listener's events, in order. It serves one task at a time.
public final class TenantEventStream: Sendable {
  private struct State {
    var waiting: [TenantEvent] = []
    /// How many were dropped behind the last that waits.
    var lost = 0
    var reader: CheckedContinuation<Void, Never>?
    var isEnded = false
  }

  /// How many events wait for a reader at most.
  static let mostWaiting = 256

  private let tenants: Set<String>?
  private let owner: UInt32?
  private let leave: @Sendable () -> Void
  private let state = Guarded(State())

  fileprivate init(tenants: Set<String>?, owner: UInt32?, leave: @escaping @Sendable () -> Void) {
    self.tenants = tenants
    self.owner = owner
    self.leave = leave
  }

  /// How many events wait.
  var waitingCount: Int { state.withLock { $0.waiting.count } }

  /// The next event; nil when the stream was ended, or the task was cancelled, which ends the stream.
  public func next() async -> TenantEvent? {
    while true {
      if Task.isCancelled { end() }
      let (event, isEnded) = state.withLock { state -> (TenantEvent?, Bool) in (Self.take(&state), state.isEnded) }
      if let event { return event }
      if isEnded { return nil }
      await withTaskCancellationHandler {
        await withCheckedContinuation { continuation in
          let isReady = state.withLock { state in
            guard state.waiting.isEmpty, state.lost == 0, !state.isEnded else { return true }
            state.reader = continuation
            return false
          }
          if isReady { continuation.resume() }
        }
      } onCancel: {
        end()
      }
    }
  }

  /// Ends the stream; nothing more is kept for it.
  public func end() {
    let reader = state.withLock { state in
      state.isEnded = true
      state.waiting = []
      state.lost = 0
      defer { state.reader = nil }
      return state.reader
    }
    reader?.resume()
    leave()
  }

  /// Whether the listener may and will see an event.
  fileprivate func wants(_ event: TenantEvent, owner: UInt32) -> Bool {
    guard self.owner == nil || self.owner == owner else { return false }
    guard let tenants, let tenant = event.tenant else { return true }
    return tenants.contains(tenant)
  }

  fileprivate func offer(_ event: TenantEvent, owner: UInt32) {
    if wants(event, owner: owner) { offer(event) }
  }

  fileprivate func offer(_ event: TenantEvent) {
    let reader = state.withLock { state -> CheckedContinuation<Void, Never>? in
      guard !state.isEnded else { return nil }
      // Behind a gap there must be room for the word about it, too.
      let needed = state.lost > 0 ? 2 : 1
      guard state.waiting.count + needed <= Self.mostWaiting else {
        state.lost += 1
        return nil
      }
      if state.lost > 0 { state.waiting.append(Self.gap(state.lost)) }
      state.lost = 0
      state.waiting.append(event)
      defer { state.reader = nil }
      return state.reader
    }
    reader?.resume()
  }

  private static func take(_ state: inout State) -> TenantEvent? {
    if !state.waiting.isEmpty { return state.waiting.removeFirst() }
    guard state.lost > 0 else { return nil }
    defer { state.lost = 0 }
    return gap(state.lost)
  }

  private static func gap(_ count: Int) -> TenantEvent {
    TenantEvent(timeUsec: WallClock.microseconds(), event: .lost, count: count)
  }
}
