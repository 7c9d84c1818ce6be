import CLinux
import ControlProtocol
import Faults
import Glibc
import Kernel

/// Serves the control socket: one thread takes in connections and calls, tasks answer them.
///
/// No client can make another wait for more than its own fair turn: nothing here blocks on a client, calls of one
/// connection are answered in order while those of others go on, and everything that a client can make the daemon keep
/// is bounded by ``ControlLimits``.
public final class ControlServer: Sendable {
  private let stopSignal: OwnedDescriptor
  private let ended = Guarded<Ending>(.running([]))

  private enum Ending {
    case running([CheckedContinuation<Void, Never>])
    case ended
  }

  /// Starts to serve clients, with a thread and an executor of its own.
  public convenience init(
    listener: consuming ControlListener, limits: ControlLimits = ControlLimits(), handler: any ControlHandler,
    report: @escaping @Sendable (Fault) -> Void
  ) throws(Fault) {
    try self.init(
      listener: listener, limits: limits, handler: handler, executor: LoopExecutor(), exits: nil, liveness: nil,
      report: report)
  }

  /// Starts to serve.
  ///
  /// - Parameters:
  ///   - listener: the socket; its file is removed when the server stops.
  ///   - limits: the bounds on what clients may cost.
  ///   - handler: answers the calls.
  ///   - executor: what the server's thread runs between events: calls, unless they are large, and whatever actor has
  ///     it for its executor.
  ///   - exits: the processes whose ends the server's thread looks out for.
  ///   - liveness: who wants to know whether the server's thread goes round.
  ///   - report: gets what goes wrong without concerning one client alone, such as too many open files.
  /// - Throws: `system.call-failed`.
  init(
    listener: consuming ControlListener, limits: ControlLimits = ControlLimits(), handler: any ControlHandler,
    executor: LoopExecutor, exits: ExitWatcher?, liveness: Liveness?, report: @escaping @Sendable (Fault) -> Void
  ) throws(Fault) {
    stopSignal = OwnedDescriptor(
      owning: try systemCall("eventfd") { eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK)) })
    let pulse = liveness.map { _ in Liveness.Pulse(name: "control") }
    let loop = HandedOver(
      try ControlLoop(
        listener: listener, stopSignal: stopSignal.rawValue, limits: limits, handler: handler,
        executor: executor, exits: exits, pulse: pulse, report: report))
    try DedicatedThread.start(name: "control") { [self] in
      loop.value.run()
      hasEnded()
    }
    if let pulse { liveness?.join(pulse) { executor.wake() } }
  }

  /// Stops listening and closes all connections, and returns when that is done.
  ///
  /// Calls that run aren't cancelled: a stopping daemon isn't a client that hangs up, and tenants outlive it.
  public func stop() async {
    // The counter can't overflow: nobody else writes it, and each write adds one.
    _ = eventfd_write(stopSignal.rawValue, 1)
    await withCheckedContinuation { continuation in
      let over = ended.withLock { ending in
        guard case .running(let waiting) = ending else { return true }
        ending = .running(waiting + [continuation])
        return false
      }
      if over { continuation.resume() }
    }
  }

  private func hasEnded() {
    let waiting = ended.withLock { ending -> [CheckedContinuation<Void, Never>] in
      guard case .running(let waiting) = ending else { return [] }
      ending = .ended
      return waiting
    }
    for continuation in waiting { continuation.resume() }
  }
}

/// The loop on its way to its thread. Unchecked: it is made before the thread starts, and only the thread uses it after.
private struct HandedOver: @unchecked Sendable {
  let value: ControlLoop
  init(_ value: ControlLoop) { self.value = value }
}
