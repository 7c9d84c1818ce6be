import CLinux
import ControlProtocol
import Faults
import Glibc
import Kernel

/// What the control server's thread does: accepts, reads, closes. Lives on that thread alone.
final class ControlLoop {
  private static let stopToken: UInt64 = 0
  private static let listenerToken: UInt64 = 1
  private static let executorToken: UInt64 = 2
  private static let exitsToken: UInt64 = 3

  /// Nothing once the loop has ended.
  private var listener: ControlListener?
  private let listening: Int32
  private let limits: ControlLimits
  private let handler: any ControlHandler
  private let report: @Sendable (Fault) -> Void
  private let epoll: SharedEpoll
  private let executor: LoopExecutor
  private let exits: ExitWatcher?
  private let pulse: Liveness.Pulse?
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)

  private var connections: [UInt64: ControlConnection] = [:]
  private var connectionsByUser: [uid_t: Int] = [:]
  /// Those whose client has hung up while a call of theirs goes on: what the call keeps counts as theirs until it ends.
  private var orphans: [ControlConnection] = []
  private var nextToken = exitsToken + 1
  /// Until when no connection is accepted, since the last attempt found the system out of something.
  private var acceptsAgain: ContinuousClock.Instant?
  private var nextSweep: ContinuousClock.Instant?

  init(
    listener: consuming ControlListener, stopSignal: Int32, limits: ControlLimits,
    handler: any ControlHandler, executor: LoopExecutor, exits: ExitWatcher?, pulse: Liveness.Pulse?,
    report: @escaping @Sendable (Fault) -> Void
  ) throws(Fault) {
    listening = listener.socket.rawValue
    self.listener = consume listener
    self.limits = limits
    self.handler = handler
    self.report = report
    self.executor = executor
    self.exits = exits
    self.pulse = pulse
    epoll = try SharedEpoll()
    try epoll.value.add(stopSignal, token: Self.stopToken, bits: Epoll.readable)
    try epoll.value.add(listening, token: Self.listenerToken, bits: Epoll.readable)
    try epoll.value.add(executor.descriptor, token: Self.executorToken, bits: Epoll.readable)
    if let exits { try epoll.value.add(exits.descriptor, token: Self.exitsToken, bits: Epoll.readable) }
  }

  deinit { buffer.deallocate() }

  /// Serves until the stop signal comes.
  func run() {
    executor.adopt()
    // What was enqueued while nobody ran it.
    var hasJobs = true
    while true {
      let events: [Epoll.Event]
      do throws(Fault) {
        events = try epoll.value.wait(milliseconds: hasJobs ? 0 : waitingTime)
      } catch {
        report(error)
        break
      }
      if events.contains(where: { $0.token == Self.stopToken }) { break }
      for event in events {
        switch event.token {
        case Self.listenerToken: accept()
        case Self.executorToken: executor.acknowledge()
        case Self.exitsToken: exits?.dispatch(report)
        default: react(to: event)
        }
      }
      hasJobs = executor.runRound()
      resumeAccepting()
      sweep()
      pulse?.beat()
    }
    for connection in connections.values { connection.close(cancelling: false) }
    connections = [:]
    listener = nil
  }

  // MARK: Connections

  private func accept() {
    // One at a time: those who are already connected have their turn in between.
    let socket: Int32
    do throws(Fault) {
      let flags = Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
      socket = try systemCall("accept4", message: "cannot accept a client") {
        clinux_accept(listening, flags)
      }
    } catch {
      let number = error.errno?.number
      if number != EAGAIN && number != ECONNABORTED { pauseAccepting(error) }
      return
    }
    // A client that can't be welcomed concerns itself alone: it is disconnected.
    do throws(Fault) { try welcome(OwnedDescriptor(owning: socket)) } catch { report(error) }
  }

  private func welcome(_ socket: consuming OwnedDescriptor) throws(Fault) {
    let peer = try ControlPeer(connectedTo: socket.rawValue)
    if let refusal = refusal(of: peer) {
      // Whether the client gets to read it is its own affair: it is disconnected in any case.
      var output = OutputQueue()
      output.append(ControlReply(failed: refusal))
      do throws(Fault) { _ = try output.flush(to: socket.rawValue) } catch {}
      return
    }
    let token = nextToken
    nextToken += 1
    connections[token] = try ControlConnection(
      socket: socket, peer: peer, token: token, epoll: epoll, limits: limits, handler: handler,
      executor: executor)
    connectionsByUser[peer.uid, default: 0] += 1
  }

  private func refusal(of peer: ControlPeer) -> Fault? {
    releaseOrphans()
    let total = peer.uid == 0 ? limits.connections : limits.connections - limits.connectionsForRoot
    let count = connections.count + orphans.count
    if count >= total {
      return Fault(
        .tooManyConnections, "the daemon already has \(count) connections",
        mend: "try again when others have finished")
    }
    if peer.uid != 0, connectionsByUser[peer.uid, default: 0] >= limits.connectionsPerUser {
      return Fault(
        .tooManyConnections, "your user already has \(limits.connectionsPerUser) connections to the daemon",
        mend: "close some of them; one whose call goes on counts until that has ended")
    }
    return nil
  }

  private func react(to event: Epoll.Event) {
    guard let connection = connections[event.token] else { return }
    if !connection.react(to: event.bits, buffer: buffer) { close(connection) }
  }

  private func close(_ connection: ControlConnection) {
    connection.close(cancelling: true)
    connections[connection.token] = nil
    orphans.append(connection)
    releaseOrphans()
  }

  private func releaseOrphans() {
    orphans.removeAll { connection in
      guard !connection.isBusy else { return false }
      let left = connectionsByUser[connection.peer.uid, default: 1] - 1
      connectionsByUser[connection.peer.uid] = left > 0 ? left : nil
      return true
    }
  }

  // MARK: Time

  /// How often timeouts are looked for: a fraction of the shortest, so that none is late by more.
  private var sweepInterval: Duration {
    max(.milliseconds(10), min(limits.callTimeout, limits.outputTimeout) / 4)
  }

  private var waitingTime: Int32 {
    guard let next = [acceptsAgain, nextSweep].compactMap({ $0 }).min() else { return -1 }
    let left = max(.zero, next - .now).components
    return Int32(clamping: left.seconds * 1000 + left.attoseconds / 1_000_000_000_000_000 + 1)
  }

  private func sweep() {
    guard !connections.isEmpty else {
      nextSweep = nil
      return
    }
    let now = ContinuousClock.now
    if let due = nextSweep, due > now { return }
    for connection in connections.values where connection.hasTimedOut(at: now) { close(connection) }
    nextSweep = now + sweepInterval
  }

  /// Out of descriptors or memory: a waiting client would wake the thread again at once, so it has to wait.
  private func pauseAccepting(_ fault: Fault) {
    report(fault)
    acceptsAgain = .now + .milliseconds(200)
    do throws(Fault) { try epoll.value.remove(listening) } catch { report(error) }
  }

  private func resumeAccepting() {
    guard let due = acceptsAgain, due <= .now else { return }
    acceptsAgain = nil
    do throws(Fault) {
      try epoll.value.add(listening, token: Self.listenerToken, bits: Epoll.readable)
    } catch {
      pauseAccepting(error)
    }
  }
}

extension Fault.Code {
  /// The daemon, or the caller's share of it, has all the connections that it takes.
  public static let tooManyConnections: Self = "control.too-many-connections"
}
