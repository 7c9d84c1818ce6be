import ControlProtocol
import Faults
import Glibc
import Kernel

/// `isoctl run`: starts a tenant with this process's own streams, passes signals on, and ends as the command ends.
struct ForegroundRun: ~Copyable {
  private let connection: Connection
  private let json: Bool
  private let signals: ForwardedSignals
  /// The user's terminal, if the command is to have one.
  private let terminal: RawTerminal?
  private let detachKeys: DetachKeys
  private var name: String?
  /// The last signal that no daemon was there to take.
  private var undelivered: Int32?
  /// How often a daemon that went away is asked for again, at ten times a second: two minutes bridge an upgrade.
  private static let mostAttempts = 1200

  /// Does it all, and answers with the exit status.
  static func perform(_ arguments: RunArguments) -> Int32 {
    do throws(Fault) {
      try openStandardStreams()
      let terminal = arguments.terminal ? try RawTerminal() : nil
      var run = try ForegroundRun(
        connection: Connection(socket: arguments.socket), json: arguments.json, signals: ForwardedSignals(),
        terminal: terminal, detachKeys: arguments.detachKeys)
      return try run.start(arguments.spawnRequest(foreground: true, terminal: terminal?.description))
    } catch {
      printFault(error, json: arguments.json)
      return ExitStatus.ofRun(error)
    }
  }

  private mutating func start(_ request: Spawn.Request) throws(Fault) -> Int32 {
    var client = try connection.open()
    try client.send(
      Spawn.encodeCall(request, more: true), descriptors: terminal == nil ? Self.standardStreams() : [])
    while true {
      if let status = try waitForAnswer(client) { return status }
      let message: Message
      do throws(Fault) {
        message = try client.receive()
      } catch {
        guard error.code == .connectionLost, let name else { throw error }
        return try reattach(to: name)
      }
      let answer = try Spawn.decodeAnswer(message)
      if let exit = answer.reply.exit { return end(exit) }
      guard answer.continues else {
        throw Fault(.malformedMessage, "the daemon's last answer doesn't say how the command ended")
      }
      name = answer.reply.name
      for feature in answer.reply.notEnforced {
        printToStandardError("isoctl: not enforced on this host: \(printable(feature))")
      }
      if let terminal, let status = try converse(through: terminal, with: answer.reply.name) { return status }
    }
  }

  /// Lets the user and the command talk to each other, until that is over. Answers the status where the run is over
  /// with it; otherwise the daemon will tell how the command ended.
  private mutating func converse(through terminal: RawTerminal, with name: String) throws(Fault) -> Int32? {
    let conversation = Conversation(connection: connection, name: name, detachKeys: detachKeys)
    let (connection, json) = (connection, json)
    let end: Conversation.End
    do throws(Fault) {
      end = try conversation.hold(through: terminal) { signal in
        Self.pass(signal, to: name, connection, json: json)
        return true
      }
    } catch {
      // It ended before it could be attached to.
      guard error.saysThatATenantEnded else { throw error }
      return nil
    }
    switch end {
    case .ended, .lost: return nil
    case .interrupted(let signal): return 128 + signal
    case .detached, .taken:
      do throws(Fault) {
        _ = try connection.call(Detach.self, TenantName(name: name))
      } catch {
        // No daemon takes a tenant of an earlier one's for the foreground's.
        guard error.isAbsence else { throw error }
      }
      return ExitStatus.success
    }
  }

  private static func pass(_ signal: Int32, to name: String, _ connection: Connection, json: Bool) {
    do throws(Fault) {
      _ = try connection.call(Kill.self, .init(name: name, signal: Int(signal)))
    } catch {
      printFault(error, json: json)
    }
  }

  /// Passes signals on until an answer is there. A signal before the command runs ends the run: the status then.
  private mutating func waitForAnswer(_ client: borrowing ControlClient) throws(Fault) -> Int32? {
    guard !client.hasAnswer else { return nil }
    // No array, whose first use costs the runtime more than the call.
    var watched = (
      pollfd(fd: client.descriptor, events: Int16(POLLIN), revents: 0),
      pollfd(fd: signals.descriptor, events: Int16(POLLIN), revents: 0)
    )
    while true {
      try systemCall("poll") {
        withUnsafeMutableBytes(of: &watched) { poll($0.assumingMemoryBound(to: pollfd.self).baseAddress, 2, -1) }
      }
      while let signal = signals.next() {
        if let name {
          forward(signal, to: name)
        } else if signal != SIGWINCH {
          return 128 + signal
        }
      }
      if watched.0.revents != 0 { return nil }
    }
  }

  /// On a connection of its own: on the run's, it would have to wait for the run's answer.
  private mutating func forward(_ signal: Int32, to name: String) {
    do throws(Fault) {
      _ = try connection.call(Kill.self, .init(name: name, signal: Int(signal)))
    } catch {
      if signal != SIGWINCH, error.isAbsence { undelivered = signal }
      printFault(error, json: json)
    }
  }

  /// The daemon went away under a running tenant. Tenants outlive it: its successor is asked for the end.
  private mutating func reattach(to name: String) throws(Fault) -> Int32 {
    printToStandardError("isoctl: the daemon went away; waiting for it to come back to \(printable(name))")
    for attempt in 0... {
      do throws(Fault) {
        var client = try connection.open()
        try client.send(
          WireFormat.encodeCall(
            CallEnvelope(method: Wait.qualifiedName), parameters: TenantName(name: name)))
        _ = try waitForAnswer(client)
        return end(try client.receive(Wait.Reply.self).reply.exit)
      } catch {
        guard error.isAbsence, attempt < Self.mostAttempts else { throw error }
        if let signal = try pause() {
          printToStandardError("isoctl: the tenant runs on: `isoctl stop \(printable(name))` ends it")
          return 128 + signal
        }
      }
    }
    throw Fault(.internalError, "counting attempts came to an end")
  }

  /// Waits for a tenth of a second, or for a signal that says to wait no longer: there is nobody to forward it.
  private func pause() throws(Fault) -> Int32? {
    var watched = pollfd(fd: signals.descriptor, events: Int16(POLLIN), revents: 0)
    if let undelivered { return undelivered }
    try systemCall("poll") { poll(&watched, 1, 100) }
    while let signal = signals.next() {
      if signal != SIGWINCH { return signal }
    }
    return nil
  }

  private func end(_ exit: Exit) -> Int32 {
    if exit.cause != .exited && exit.cause != .signaled {
      printToStandardError("isoctl: the command ended: \(printable(exit.cause.rawValue))")
    }
    return exit.shellStatus
  }

  /// Whoever started this may have closed a standard stream: /dev/null takes its place, as no other file must.
  static func openStandardStreams() throws(Fault) {
    for stream in Int32(0)...2 where fcntl(stream, F_GETFD) == -1 {
      try systemCall("open", path: "/dev/null") { open("/dev/null", O_RDWR) }
    }
  }

  /// Copies, since those who send descriptors own and close them.
  static func standardStreams() throws(Fault) -> [SharedDescriptor] {
    var streams: [SharedDescriptor] = []
    for stream in Int32(0)...2 {
      streams.append(
        SharedDescriptor(owning: try systemCall("fcntl") { fcntl(stream, F_DUPFD_CLOEXEC, 3) }))
    }
    return streams
  }
}

extension Fault {
  /// Whether it says that no daemon is there, which the next one may mend.
  fileprivate var isAbsence: Bool { code == .notRunning || code == .connectionLost }

  /// Whether it says of a tenant that did run that it has ended: to the daemon's knowledge, or before the daemon knows.
  fileprivate var saysThatATenantEnded: Bool {
    if [Fault.Code.unknownTenant, .wrongTenantState, .sessionLost].contains(code) { return true }
    // The daemon's, at the socket of a first process that is gone: one of isoctl's own would be an absence.
    return code == .systemCallFailed && systemCall == "connect" && errno?.number == ECONNREFUSED
  }
}

extension Fault.Code {
  /// The daemon's: it knows no such tenant.
  fileprivate static let unknownTenant: Self = "tenant.unknown"
  /// The daemon's: the tenant doesn't run.
  fileprivate static let wrongTenantState: Self = "tenant.wrong-state"
}
