import CLinux
import CTenantPlan
import Faults
import Glibc
import Kernel

/// A command on its way into a tenant: the process that attends to it, and what it says until the command runs.
public final class Entry: Sendable {
  /// Who attends to the command, in the tenant's group and not in its pid namespace; a child of the daemon's.
  public let attendant: SharedDescriptor
  /// The client's end of the session; see `tenant_session.h`.
  public let session: SharedDescriptor
  private let channel: InitChannel
  /// Whether the command's process has said that its next call is execve(2).
  private let isExecuting = Guarded(false)

  init(attendant: SharedDescriptor, session: SharedDescriptor, channel: consuming InitChannel) {
    self.attendant = attendant
    self.session = session
    self.channel = channel
  }

  /// A descriptor, the caller's own, that is readable when ``progress()`` has something to tell.
  public func progressSignal() throws(Fault) -> SharedDescriptor {
    let number = channel.descriptor
    return SharedDescriptor(
      owning: try systemCall("fcntl", message: "cannot wait for tenant-init") { fcntl(number, F_DUPFD_CLOEXEC, 0) })
  }

  /// Takes what has been said so far, without waiting.
  ///
  /// - Returns: whether the command has been executed.
  /// - Throws: why it can't be: `sandbox.stage-failed`, `sandbox.command-not-run` or `sandbox.init-lost`.
  public func progress() throws(Fault) -> Bool {
    while let received = try channel.receiveNow() {
      switch received {
      // execve closes the command's end of the socket, and the attendant has closed its own.
      case .end:
        guard isExecuting.withLock({ $0 }) else {
          throw Fault(.initLost, "tenant-init ended before the command ran")
        }
        return true
      case .message(let message, _):
        if message.type == TENANT_MESSAGE_EXECUTING.rawValue { isExecuting.withLock { $0 = true } }
      }
    }
    return false
  }

  /// Gives it up: whoever attends to the command is killed, and the command with them. One that has not come so far
  /// sees that its session is over. Either way the socket that ``progress()`` reads ends.
  public func abandon() {
    // First: a command that looks at its session before this has asked already to be killed with its attendant.
    endSession()
    _ = clinux_pidfd_send_signal(attendant.rawValue, SIGKILL)
  }

  /// Ends the session: as when a client hangs up.
  public func endSession() { _ = shutdown(session.rawValue, Int32(SHUT_RDWR)) }

  /// How a command came to its end.
  public enum Ending: Sendable, Hashable {
    /// With that status.
    case exited(Int32)
    /// By that signal.
    case killed(Int32)
    /// Whoever attended to it was killed before it could tell.
    case lost
  }

  /// How the command has ended, for the owner of the session; to be called once, when the attendant has ended.
  ///
  /// - Throws: why it was never run, as ``progress()`` does; `system.call-failed`.
  public func ending() throws(Fault) -> Ending {
    do throws(Fault) {
      _ = try progress()
    } catch {
      guard error.code == .initLost else { throw error }
      return .lost
    }
    guard let message = try heard(), message.type == TENANT_SESSION_ENDED.rawValue else { return .lost }
    return Int(message.code) == CLD_EXITED ? .exited(message.value) : .killed(message.value)
  }

  /// What was said over the session; nil if that is nothing.
  private func heard() throws(Fault) -> tenant_session_message? {
    var message = tenant_session_message()
    let size = MemoryLayout<tenant_session_message>.size
    do throws(Fault) {
      let got = try systemCall("recv", message: "cannot hear how a command has ended") {
        let count = recv(session.rawValue, &message, size, Int32(MSG_DONTWAIT))
        // Told once where the attendant has left something unread; what it said before is still there.
        guard count < 0, errno == ECONNRESET else { return count }
        return recv(session.rawValue, &message, size, Int32(MSG_DONTWAIT))
      }
      return got == size ? message : nil
    } catch {
      // It was killed together with a command that is just going and holds the session too.
      guard error.errno?.number == EAGAIN else { throw error }
      return nil
    }
  }
}
