import ControlProtocol
import Faults
import Glibc
import Kernel

/// One client: takes in its calls, has them answered one after the other, and sends the answers.
///
/// The server's thread reads; calls run as tasks; whoever has an answer writes it, without blocking. Only the server's
/// thread closes: others shut the socket down, which the thread then sees as a hang-up.
final class ControlConnection: Sendable {
  /// What the server's epoll knows it by.
  let token: UInt64
  let peer: ControlPeer

  private let limits: ControlLimits
  private let handler: any ControlHandler
  private let epoll: SharedEpoll
  private let executor: LoopExecutor
  private let state: Guarded<State>

  /// The most bytes of a call that is handled on the server's thread.
  private static let smallCall = 32 << 10

  private struct State: ~Copyable {
    var socket: OwnedDescriptor?
    var input: MessageDecoder
    var output = OutputQueue()
    var call: Task<Void, Never>?
    /// Whether the running call's client waits for an answer; not known before its envelope is read.
    var callIsOneway = false
    /// No more calls come: the client has finished sending, or has sent something that can't be understood.
    var inputEnded = false
    var hungUp = false
    /// What epoll watches for.
    var watched: UInt32
    /// Since when the client is in the middle of sending a call.
    var unfinishedCallSince: ContinuousClock.Instant?
    /// Since when it hasn't read any of the answers that wait.
    var stalledSince: ContinuousClock.Instant?
    /// Goes on when most of what waits was read.
    var reader: CheckedContinuation<Void, Never>?
    /// Whether the running call sends no more than is read, so that answers may wait for as long as they will.
    var isPaced = false
  }

  init(
    socket: consuming OwnedDescriptor, peer: ControlPeer, token: UInt64, epoll: SharedEpoll,
    limits: ControlLimits, handler: any ControlHandler, executor: LoopExecutor
  ) throws(Fault) {
    self.token = token
    self.peer = peer
    self.limits = limits
    self.handler = handler
    self.epoll = epoll
    self.executor = executor
    try epoll.value.add(socket.rawValue, token: token, bits: Epoll.readable)
    let input = MessageDecoder(frameLimit: limits.callBytes, descriptorLimit: limits.callDescriptors)
    state = Guarded(State(socket: consume socket, input: input, watched: Epoll.readable))
  }

  // MARK: The server's thread

  /// Reacts to what epoll saw.
  ///
  /// - Parameter buffer: where to read to; its content means nothing before and after.
  /// - Returns: whether the connection lives on.
  func react(to bits: UInt32, buffer: UnsafeMutableRawBufferPointer) -> Bool {
    state.withLock { state in
      if bits & Epoll.writable != 0 { flush(&state) }
      let gone = bits & (Epoll.hungUp | Epoll.failed) != 0
      if bits & Epoll.readable != 0 {
        // What a client sent before it hung up still counts, up to the bound on what is kept.
        repeat { receive(&state, buffer: buffer) } while gone && wantsInput(state)
      }
      startNextCall(&state)
      rearm(&state)
      return !gone
    }
  }

  /// Ends the connection. A call whose client waits for the answer is cancelled, if `cancelling` says so.
  func close(cancelling: Bool) {
    let orphan = state.withLock { state -> Task<Void, Never>? in
      state.socket = nil
      state.hungUp = true
      state.output = OutputQueue()
      resumeReader(&state)
      return state.callIsOneway ? nil : state.call
    }
    // Outside the lock: cancellation handlers run here and may come back to send.
    if cancelling { orphan?.cancel() }
  }

  /// Whether a call runs that came over this connection.
  var isBusy: Bool { state.withLock { $0.call != nil } }

  /// Whether the client lets something time out.
  func hasTimedOut(at now: ContinuousClock.Instant) -> Bool {
    state.withLock { state in
      if let since = state.unfinishedCallSince, now - since >= limits.callTimeout { return true }
      if let since = state.stalledSince, !state.isPaced, now - since >= limits.outputTimeout { return true }
      return false
    }
  }

  // MARK: Calls

  private func run(_ frame: [UInt8], _ descriptors: DescriptorBox) async {
    let envelope: CallEnvelope
    do throws(Fault) {
      envelope = try WireFormat.decodeCall(frame)
    } catch {
      state.withLock { refuse(&$0, error) }
      return finish()
    }
    let oneway = envelope.oneway == true
    let abandoned = state.withLock { state in
      state.callIsOneway = oneway
      return state.hungUp && !oneway
    }
    guard !abandoned else { return finish() }
    let intermediates = envelope.more == true && !oneway
    let call = ControlCall(
      peer: peer, envelope: envelope, frame: frame, descriptors: descriptors,
      sendIntermediate: { [self] reply throws(Fault) in
        guard intermediates else {
          throw Fault(.internalError, "an intermediate answer to a call that doesn't take one")
        }
        try self.send(reply)
      },
      waitUntilRead: { [self] in await self.untilRead() })
    let reply = await handler.handle(call)
    if !oneway {
      // A client that is gone needs no answer.
      do throws(Fault) { try send(reply) } catch {}
    }
    finish()
  }

  private func finish() {
    state.withLock { state in
      state.call = nil
      state.callIsOneway = false
      // From here on what waits may be too late again.
      if state.isPaced, !state.output.isEmpty { state.stalledSince = .now }
      state.isPaced = false
      startNextCall(&state)
      rearm(&state)
    }
  }

  private func send(_ reply: ControlReply) throws(Fault) {
    let overflow = try state.withLock { state throws(Fault) -> Bool in
      guard !state.hungUp else { throw Self.disconnected }
      guard state.output.byteCount <= limits.outputBytes else { return true }
      enqueue(&state, reply)
      rearm(&state)
      return false
    }
    guard overflow else { return }
    state.withLock { hangUp(&$0) }
    throw Self.disconnected
  }

  /// Waits until no more than a sixteenth of what may wait does.
  private func untilRead() async {
    await withCheckedContinuation { continuation in
      let isReady = state.withLock { state in
        state.isPaced = true
        guard !state.hungUp, state.output.byteCount > limits.outputBytes / 16 else { return true }
        state.reader = continuation
        return false
      }
      if isReady { continuation.resume() }
    }
  }

  private static var disconnected: Fault {
    Fault(.disconnected, "the client has hung up or reads too slowly")
  }

  // MARK: Under the lock

  private func receive(_ state: inout State, buffer: UnsafeMutableRawBufferPointer) {
    guard wantsInput(state), let socket = state.socket?.rawValue else { return }
    do throws(Fault) {
      let received = try MessageSocket.receive(
        from: socket, into: buffer, descriptorLimit: limits.callDescriptors, flags: Int32(MSG_DONTWAIT))
      if received.truncated { throw state.input.tooManyDescriptors }
      if received.count == 0 {
        state.inputEnded = true
        return
      }
      try state.input.append(
        UnsafeRawBufferPointer(rebasing: buffer[..<received.count]), descriptors: received.descriptors)
    } catch {
      switch error.errno?.number {
      case EAGAIN: break
      case .some: hangUp(&state)
      case nil: refuse(&state, error)
      }
    }
  }

  /// Tells the client what is wrong with its stream and takes nothing more from it.
  private func refuse(_ state: inout State, _ fault: Fault) {
    state.inputEnded = true
    state.input = MessageDecoder()
    guard !state.hungUp else { return }
    enqueue(&state, ControlReply(failed: fault))
  }

  private func enqueue(_ state: inout State, _ reply: ControlReply) {
    state.output.append(reply)
    flush(&state)
  }

  private func flush(_ state: inout State) {
    guard let socket = state.socket?.rawValue else { return }
    do throws(Fault) {
      let progress = try state.output.flush(to: socket)
      if state.output.byteCount <= limits.outputBytes / 16 { resumeReader(&state) }
      if state.output.isEmpty {
        state.stalledSince = nil
      } else if progress || state.stalledSince == nil {
        state.stalledSince = .now
      }
    } catch {
      hangUp(&state)
    }
  }

  private func resumeReader(_ state: inout State) {
    state.reader?.resume()
    state.reader = nil
  }

  private func startNextCall(_ state: inout State) {
    guard state.call == nil, state.output.byteCount <= limits.outputBytes else { return }
    guard let message = state.input.next() else { return }
    let frame = message.bytes
    let descriptors = DescriptorBox(message.descriptors)
    // What takes long to decode must not hold up the others.
    let preference = frame.count <= Self.smallCall ? executor : nil
    state.call = Task(executorPreference: preference) { await self.run(frame, descriptors) }
  }

  private func wantsInput(_ state: borrowing State) -> Bool {
    !state.inputEnded && !state.hungUp && !state.input.hasMessage
      && state.output.byteCount <= limits.outputBytes
  }

  /// Tells epoll what to watch for now, and ends a connection that has nothing left to do.
  private func rearm(_ state: inout State) {
    guard let socket = state.socket?.rawValue, !state.hungUp else { return }
    let reads = wantsInput(state)
    if !reads || !state.input.isInsideMessage {
      state.unfinishedCallSince = nil
    } else if state.unfinishedCallSince == nil {
      state.unfinishedCallSince = .now
    }
    if state.inputEnded && state.call == nil && !state.input.hasMessage && state.output.isEmpty {
      return hangUp(&state)
    }
    let wanted = (reads ? Epoll.readable : 0) | (state.output.isEmpty ? 0 : Epoll.writable)
    guard wanted != state.watched else { return }
    do throws(Fault) {
      try epoll.value.change(socket, token: token, bits: wanted)
      state.watched = wanted
    } catch {
      hangUp(&state)
    }
  }

  /// Makes the server's thread see a hang-up, and close.
  private func hangUp(_ state: inout State) {
    state.hungUp = true
    guard let socket = state.socket?.rawValue else { return }
    // ENOTCONN, its only error here, is what it is meant to bring about.
    _ = shutdown(socket, Int32(SHUT_RDWR))
  }
}

/// An epoll instance that a server and its connections share.
final class SharedEpoll: Sendable {
  let value: Epoll

  init() throws(Fault) { value = try Epoll() }
}
