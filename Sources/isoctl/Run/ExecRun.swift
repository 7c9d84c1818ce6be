import ControlProtocol
import Faults
import Glibc
import Kernel

/// `isoctl exec`: runs a further command in a tenant, with this process's own streams, and ends as the command ends.
struct ExecRun: ~Copyable {
  private let signals: ForwardedSignals
  /// The user's terminal, if the command is to have one.
  private let terminal: RawTerminal?

  /// Does it all, and answers with the exit status.
  static func perform(_ arguments: ExecArguments) -> Int32 {
    do throws(Fault) {
      try ForegroundRun.openStandardStreams()
      let terminal = arguments.terminal ? try RawTerminal() : nil
      let run = ExecRun(signals: try ForwardedSignals(), terminal: terminal)
      return try run.run(arguments)
    } catch {
      printFault(error, json: arguments.json)
      return ExitStatus.ofRun(error)
    }
  }

  private func run(_ arguments: ExecArguments) throws(Fault) -> Int32 {
    switch try enter(arguments) {
    case .session(let session):
      if let terminal { return try Self.converse(session, through: terminal) }
      return try attend(session)
    case .interrupted(let signal): return 128 + signal
    }
  }

  private enum Entered {
    case session(TenantSession)
    /// A signal came before the command ran.
    case interrupted(Int32)
  }

  /// Asks the daemon, and needs it no more once it has answered.
  private func enter(_ arguments: ExecArguments) throws(Fault) -> Entered {
    var client = try arguments.connection.open()
    let frame = try WireFormat.encodeCall(
      CallEnvelope(method: Exec.qualifiedName), parameters: try arguments.request(terminal: terminal?.description))
    try client.send(
      frame, descriptors: terminal == nil ? try Self.streams(passesInput: arguments.passesInput) : [])
    if let signal = try untilAnswered(client) { return .interrupted(signal) }
    let answer = try client.receive(Exec.Reply.self)
    return .session(TenantSession(try answer.descriptor(at: answer.reply.session)))
  }

  /// Waits for the daemon's answer; a signal that comes before ends the wait, and with it the command.
  private func untilAnswered(_ client: borrowing ControlClient) throws(Fault) -> Int32? {
    while !client.hasAnswer {
      if try wait(for: client.descriptor) { return nil }
      while let signal = signals.next() {
        if signal != SIGWINCH { return signal }
      }
    }
    return nil
  }

  /// Passes signals on until the command has ended.
  private func attend(_ session: TenantSession) throws(Fault) -> Int32 {
    while true {
      if try wait(for: session.descriptor) { return Self.status(try session.next()) }
      while let signal = signals.next() { try session.signal(signal) }
    }
  }

  /// Lets the user and the command talk to each other until the command has ended.
  private static func converse(_ session: TenantSession, through terminal: RawTerminal) throws(Fault) -> Int32 {
    var pump = try TerminalPump(
      session, master: try session.terminal(), terminal: terminal, detachKeys: nil)
    let status: Int32
    do throws(Fault) {
      status = try converse(session, &pump)
    } catch {
      pump.leave()
      throw error
    }
    pump.leave()
    return status
  }

  private static func converse(_ session: TenantSession, _ pump: inout TerminalPump) throws(Fault) -> Int32 {
    while true {
      switch try pump.run() {
      case .session(let event): return self.status(event)
      case .signal(let signal): try session.signal(signal)
      // The command ends as its session does.
      case .interrupted(let signal): return 128 + signal
      case .detached: continue
      }
    }
  }

  /// Waits for a signal or for something to read; answers whether there is something to read.
  private func wait(for descriptor: Int32) throws(Fault) -> Bool {
    var watched = [
      pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
      pollfd(fd: signals.descriptor, events: Int16(POLLIN), revents: 0),
    ]
    try systemCall("poll") { poll(&watched, 2, -1) }
    return watched[0].revents != 0
  }

  private static func status(_ event: TenantSession.Event) -> Int32 {
    switch event {
    case .ended(let exit): return exit.shellStatus
    case .lost, .taken:
      printToStandardError("isoctl: the tenant was killed, and the command with it")
      return 128 + SIGKILL
    }
  }

  /// The streams of the command: this process's own, but for an input that nobody asked to pass on.
  private static func streams(passesInput: Bool) throws(Fault) -> [SharedDescriptor] {
    var streams = try ForegroundRun.standardStreams()
    if !passesInput {
      streams[0] = SharedDescriptor(
        owning: try systemCall("open", path: "/dev/null") { open("/dev/null", O_RDONLY | O_CLOEXEC) })
    }
    return streams
  }
}
