import ControlProtocol
import Faults
import Glibc
import Kernel

/// journald's socket for native entries. Sending never waits.
struct JournalSocket: Sendable {
  /// What became of an entry.
  enum Outcome: Sendable, Hashable {
    case sent
    /// journald doesn't keep up.
    case full
    /// Nobody listens.
    case absent
  }

  /// Where journald listens.
  static let usualPath = "/run/systemd/journal/socket"

  private let path: String
  private let socket: SharedDescriptor

  /// Makes a socket. It isn't connected: each entry finds the journald of its time.
  init(path: String = usualPath) throws(Fault) {
    self.path = path
    let kind = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    socket = SharedDescriptor(
      owning: try systemCall("socket", message: "cannot make the audit trail's socket") {
        Glibc.socket(AF_UNIX, kind, 0)
      })
  }

  /// Sends an entry.
  func send(_ entry: [UInt8]) -> Outcome {
    do throws(Fault) {
      return try UnixAddress.with(path: path) { address, length throws(Fault) in
        while true {
          let sent = sendto(socket.rawValue, entry, entry.count, Int32(MSG_NOSIGNAL), address, length)
          if sent >= 0 { return .sent }
          switch errno {
          case EINTR: continue
          case ENOENT, ECONNREFUSED, ENOTDIR, EACCES: return .absent
          default: return .full
          }
        }
      }
    } catch {
      return .absent
    }
  }
}
