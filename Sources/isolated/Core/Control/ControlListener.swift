import ControlProtocol
import Faults
import Glibc
import Kernel

/// A listening UNIX stream socket: made here, or handed over by systemd.
public struct ControlListener: ~Copyable, Sendable {
  let socket: OwnedDescriptor
  /// What to remove when the listener goes: nothing for a socket that systemd owns.
  private let file: SocketFile?

  private struct SocketFile: Sendable {
    var path: String
    var device: dev_t
    var inode: ino_t
  }

  /// Takes over a socket that already listens: systemd's socket activation, sd_listen_fds(3).
  ///
  /// - Throws: `control.bad-listener` if it isn't a listening UNIX stream socket; `system.call-failed`.
  public init(adopting descriptor: consuming OwnedDescriptor) throws(Fault) {
    let number = descriptor.rawValue
    guard
      try Self.option(SO_DOMAIN, of: number) == AF_UNIX,
      try Self.option(SO_TYPE, of: number) == Int32(SOCK_STREAM.rawValue),
      try Self.option(SO_ACCEPTCONN, of: number) == 1
    else {
      throw Fault(
        .badListener, "the socket that was handed over is not a listening UNIX stream socket",
        mend: "use ListenStream= with a path in the socket unit")
    }
    let flags = try systemCall("fcntl") { fcntl(number, F_GETFL) }
    try systemCall("fcntl") { fcntl(number, F_SETFL, flags | O_NONBLOCK) }
    try systemCall("fcntl") { fcntl(number, F_SETFD, FD_CLOEXEC) }
    socket = descriptor
    file = nil
  }

  /// Makes a socket file, owned by root and `group`, mode 0660, and listens on it.
  ///
  /// Nobody can connect before owner and mode are right, since the socket listens only after that. A file left by a
  /// daemon that is gone is replaced. The directory is locked meanwhile, so of two daemons starting at once one loses.
  ///
  /// - Parameters:
  ///   - path: where; the directory must exist.
  ///   - group: the group that may connect besides the owner; unchanged if nil.
  /// - Throws: `control.already-running` when another daemon answers there; `control.bad-listener`;
  ///   `system.call-failed`.
  public init(path: String, group: gid_t?) throws(Fault) {
    guard let slash = path.lastIndex(of: "/"), path.first == "/" else {
      throw Fault(.badListener, "the control socket's path is not absolute", path: path)
    }
    let parent = slash == path.startIndex ? "/" : String(path[..<slash])
    let name = String(path[path.index(after: slash)...])
    let directory = OwnedDescriptor(
      owning: try systemCall("open", path: parent, message: "cannot open the control socket's directory") {
        open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
      })
    try systemCall("flock", path: parent) { flock(directory.rawValue, LOCK_EX) }
    try Self.removeAbandoned(name, in: directory.rawValue, path: path)

    let made = OwnedDescriptor(
      owning: try systemCall("socket", message: "cannot make the control socket") {
        Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Self.closeOnExecNonBlocking, 0)
      })
    // bind(2) gives the file the socket's own mode; so it's closed to all until it has its owner.
    try systemCall("fchmod", path: path) { fchmod(made.rawValue, 0o600) }
    try UnixAddress.with(path: path) { address, length throws(Fault) in
      try systemCall("bind", path: path, message: "cannot make the control socket") {
        bind(made.rawValue, address, length)
      }
    }
    var status = stat()
    try systemCall("fstatat", path: path) {
      fstatat(directory.rawValue, name, &status, AT_SYMLINK_NOFOLLOW)
    }
    let file = SocketFile(path: path, device: status.st_dev, inode: status.st_ino)
    do throws(Fault) {
      if let group {
        try systemCall("fchownat", path: path, message: "cannot give the control socket to its group") {
          fchownat(directory.rawValue, name, uid_t.max, group, AT_SYMLINK_NOFOLLOW)
        }
      }
      try systemCall("fchmodat", path: path, message: "cannot open the control socket to its group") {
        fchmodat(directory.rawValue, name, 0o660, 0)
      }
      try systemCall("listen", path: path) { listen(made.rawValue, 1024) }
    } catch {
      Self.remove(file)
      throw error
    }
    self.socket = made
    self.file = file
  }

  deinit {
    if let file { Self.remove(file) }
  }

  private static var closeOnExecNonBlocking: Int32 {
    Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
  }

  private static func option(_ option: Int32, of socket: Int32) throws(Fault) -> Int32 {
    var value: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    try systemCall("getsockopt", message: "the descriptor that was handed over is not a socket") {
      getsockopt(socket, SOL_SOCKET, option, &value, &length)
    }
    return value
  }

  /// Removes a socket file that nobody listens on.
  private static func removeAbandoned(_ name: String, in directory: Int32, path: String) throws(Fault) {
    var status = stat()
    guard fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFSOCK else {
      throw Fault(
        .badListener, "something that is not a socket stands where the control socket belongs", path: path,
        mend: "move it away")
    }
    let probe = OwnedDescriptor(
      owning: try systemCall("socket") {
        Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | closeOnExecNonBlocking, 0)
      })
    let answered = try UnixAddress.with(path: path) { address, length throws(Fault) in
      // EAGAIN is a listener whose queue is full: alive as well.
      connect(probe.rawValue, address, length) == 0 || errno == EAGAIN
    }
    if answered {
      throw Fault(
        .alreadyRunning, "another daemon answers on the control socket", path: path,
        mend: "stop it first: systemctl stop isolated")
    }
    try systemCall("unlinkat", path: path) { unlinkat(directory, name, 0) }
  }

  /// Removes the file if it is still the one that was made here. An error leaves a file that the next start removes.
  private static func remove(_ file: SocketFile) {
    var status = stat()
    guard lstat(file.path, &status) == 0, status.st_dev == file.device, status.st_ino == file.inode else {
      return
    }
    _ = unlink(file.path)
  }
}

extension Fault.Code {
  /// The control socket can't be made or taken over as it is configured.
  public static let badListener: Self = "control.bad-listener"
  /// Another daemon answers on the control socket.
  public static let alreadyRunning: Self = "control.already-running"
}
