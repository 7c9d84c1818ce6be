import CTenantPlan
import Faults
import Glibc
import Kernel

/// A client's end of the session with the process that attends to a command in a tenant, or with the tenant's PID 1;
/// see `tenant_session.h`.
///
/// The daemon hands it over and has no part in it: it goes on while the daemon restarts. Closing its last copy ends the
/// command of an exec, and parts an attached terminal.
public struct TenantSession: Sendable {
  private let socket: SharedDescriptor
  private static let size = MemoryLayout<tenant_session_message>.size

  /// Something that the other side has said.
  public enum Event: Sendable, Hashable {
    /// The command has ended. The duration isn't known here and is 0.
    case ended(Exit)
    /// Another client has the terminal now.
    case taken
    /// The other side is gone without a word: it was killed, as the whole tenant is when it is stopped or runs out of
    /// memory.
    case lost
  }

  /// Takes over the socket that came with an answer of the daemon's.
  public init(_ socket: SharedDescriptor) { self.socket = socket }

  /// For poll(2): readable when ``next()`` has something to tell.
  public var descriptor: Int32 { socket.rawValue }

  /// What comes next; waits for it. Messages that this release doesn't know are passed over.
  ///
  /// - Throws: `system.call-failed`.
  public func next() throws(Fault) -> Event {
    while let (message, _) = try receive() {
      switch message.type {
      case TENANT_SESSION_ENDED.rawValue: return .ended(Self.exit(message))
      case TENANT_SESSION_TAKEN.rawValue: return .taken
      default: continue
      }
    }
    return .lost
  }

  /// The master side of the command's terminal, which comes before anything else; waits for it.
  ///
  /// - Throws: `control.session-lost` if it doesn't come, `system.call-failed`.
  public func terminal() throws(Fault) -> SharedDescriptor {
    guard let (message, descriptors) = try receive(), message.type == TENANT_SESSION_TERMINAL.rawValue,
      let master = descriptors.first
    else {
      throw Fault(
        .sessionLost, "the tenant has ended, or handed over no terminal", mend: "`isoctl ps` tells whether it runs")
    }
    return master
  }

  /// Sends the command a signal. One that has ended meanwhile misses it.
  ///
  /// - Throws: `system.call-failed`.
  public func signal(_ number: Int32) throws(Fault) {
    var message = tenant_session_message()
    message.type = TENANT_SESSION_SIGNAL.rawValue
    message.value = number
    do throws(Fault) {
      try systemCall("send", message: "cannot signal the command") {
        send(socket.rawValue, &message, Self.size, Int32(MSG_NOSIGNAL))
      }
    } catch {
      guard let errno = error.errno?.number, [EPIPE, ECONNRESET, ENOTCONN].contains(errno) else { throw error }
    }
  }

  /// The next whole message; nil at the end of the stream.
  private func receive() throws(Fault) -> (tenant_session_message, [SharedDescriptor])? {
    while true {
      var message = tenant_session_message()
      var outcome: Result<MessageSocket.Received, Fault> = .success(.init(count: 0, descriptors: [], truncated: false))
      withUnsafeMutableBytes(of: &message) { buffer in
        do throws(Fault) {
          outcome = .success(try MessageSocket.receive(from: socket.rawValue, into: buffer, descriptorLimit: 1))
        } catch {
          outcome = .failure(error)
        }
      }
      switch outcome {
      case .success(let received):
        if received.count == 0 { return nil }
        if received.count == Self.size { return (message, received.descriptors) }
      case .failure(let fault):
        // Told once where the other side has left something unread; what it said before is still there.
        guard fault.errno?.number == ECONNRESET else { throw fault }
      }
    }
  }

  private static func exit(_ message: tenant_session_message) -> Exit {
    Int(message.code) == CLD_EXITED
      ? Exit(status: Int(message.value), cause: .exited, durationUsec: 0)
      : Exit(signal: Int(message.value), cause: .signaled, durationUsec: 0)
  }
}

extension Fault.Code {
  /// A session's other end is gone before it did what was asked for.
  public static let sessionLost: Self = "control.session-lost"
}
