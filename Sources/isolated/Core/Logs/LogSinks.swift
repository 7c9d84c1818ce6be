import Faults
import Glibc
import Kernel
import Sandbox

/// Where tenants' output goes: journald where it runs, else files in a directory of each tenant's own.
struct LogSinks: Sendable {
  /// Beneath it lies one directory for each tenant.
  let directory: String

  static let journalSocket = "/run/systemd/journal/stdout"

  /// Opens a tenant's sink.
  ///
  /// - Returns: an O_PATH descriptor for tenant-init, and whether it is journald's socket.
  func open(_ name: String, range: IdentityRange) throws(Fault) -> (descriptor: SharedDescriptor, isJournal: Bool) {
    let socket = Glibc.open(Self.journalSocket, O_PATH | O_CLOEXEC)
    if socket >= 0 { return (SharedDescriptor(owning: socket), true) }
    return (try openDirectory(name, range: range), false)
  }

  /// Where the output of a tenant goes whose record is lost, as far as can be told.
  func place(of name: String) -> TenantRecord.LogPlace {
    if access(file(name), F_OK) == 0 { return .file }
    return access(Self.journalSocket, F_OK) == 0 ? .journal : .stdio
  }

  /// The path of a tenant's current log file.
  func file(_ name: String) -> String { "\(directory)/\(name)/\(name).log" }

  /// The tenant's PID 1 writes and rotates the files itself, so the directory is its own.
  private func openDirectory(_ name: String, range: IdentityRange) throws(Fault) -> SharedDescriptor {
    let path = "\(directory)/\(name)"
    for (place, mode) in [(directory, mode_t(0o755)), (path, mode_t(0o750))]
    where mkdir(place, mode) != 0 && errno != EEXIST {
      throw Fault(
        .systemCallFailed, "cannot make the directory for logs", systemCall: "mkdir", path: place,
        errno: ErrorNumber(errno))
    }
    let opened = SharedDescriptor(
      owning: try systemCall("open", path: path, message: "cannot open the directory for logs") {
        Glibc.open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      })
    let number = opened.rawValue
    try systemCall("fchown", path: path, message: "cannot give the log directory to the tenant") {
      fchown(number, range.first, range.first)
    }
    return opened
  }
}
