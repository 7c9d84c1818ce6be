import ControlProtocol
import Faults
import Glibc

/// `isoctl attach`.
enum AttachRun {
  /// Does it all, and answers with the exit status.
  static func perform(_ name: String, connection: Connection, json: Bool, detachKeys: DetachKeys) -> Int32 {
    do throws(Fault) {
      try ForegroundRun.openStandardStreams()
      let conversation = Conversation(connection: connection, name: name, detachKeys: detachKeys)
      // A signal to it ends it, and not the tenant.
      switch try conversation.hold(through: try RawTerminal(), pass: { _ in false }) {
      case .detached, .taken: return ExitStatus.success
      case .interrupted(let signal): return 128 + signal
      case .ended(let exit): return exit.shellStatus
      case .lost:
        // The daemon isn't asked how it ended: of a tenant that is started again, it would answer at the very last end.
        printToStandardError("isoctl: the tenant was killed")
        return 128 + SIGKILL
      }
    } catch {
      printFault(error, json: json)
      return ExitStatus.ofRun(error)
    }
  }
}
