import ControlProtocol
import Faults
import Glibc
import Kernel

/// The user's terminal attached to a tenant's, from the daemon's answer until it is over.
struct Conversation {
  /// How it ended.
  enum End {
    /// The tenant has.
    case ended(Exit)
    /// The tenant was killed, or its first process.
    case lost
    /// The user has typed the keys for it.
    case detached
    /// Another client has the tenant's terminal now.
    case taken
    /// A signal came that ends it; SIGHUP also when the user's terminal is gone.
    case interrupted(Int32)
  }

  var connection: Connection
  var name: String
  var detachKeys: DetachKeys

  /// Attaches and holds it; the user's terminal is as it was afterwards, however it ends.
  ///
  /// - Parameter pass: gets the signals that others send to this process and that may be the tenant's, and answers
  ///   whether it goes on.
  func hold(through terminal: RawTerminal, pass: (Int32) -> Bool) throws(Fault) -> End {
    let answer = try connection.call(Attach.self, TenantName(name: name))
    let session = try TenantSession(answer.descriptor(at: answer.reply.session))
    var pump = try TerminalPump(
      session, master: try session.terminal(), terminal: terminal, detachKeys: detachKeys)
    let end: End
    do throws(Fault) {
      end = try Self.run(&pump, pass: pass)
    } catch {
      pump.leave()
      throw error
    }
    pump.leave()
    switch end {
    case .detached: printToStandardError("\nisoctl: detached; back with: isoctl attach \(printable(name))")
    case .taken: printToStandardError("\nisoctl: another client has the terminal of \(printable(name)) now")
    case .ended, .lost, .interrupted: break
    }
    return end
  }

  private static func run(_ pump: inout TerminalPump, pass: (Int32) -> Bool) throws(Fault) -> End {
    while true {
      switch try pump.run() {
      case .session(.ended(let exit)): return .ended(exit)
      case .session(.lost): return .lost
      case .session(.taken): return .taken
      case .detached: return .detached
      case .signal(let signal): if !pass(signal) { return .interrupted(signal) }
      case .interrupted(let signal): return .interrupted(signal)
      }
    }
  }
}

extension ControlClient.Answer {
  /// A descriptor that came with it.
  func descriptor(at index: Int) throws(Fault) -> SharedDescriptor {
    guard descriptors.indices.contains(index) else {
      throw Fault(.malformedMessage, "the daemon's answer came without the session's socket")
    }
    return descriptors[index]
  }
}
