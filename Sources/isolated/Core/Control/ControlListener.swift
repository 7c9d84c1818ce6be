import ControlProtocol
import Faults
import Glibc
import Kernel
import Logging
import Policy

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
  /// - Parameters:
  ///   - path: where it has to be bound.
  ///   - group: the group that may connect besides the owner, whoever made the file; root's own if nil.
  /// - Throws: `control.bad-listener` if it isn't a UNIX stream socket that listens there; `system.call-failed`.
  public init(adopting descriptor: consuming OwnedDescriptor, path: String, group: gid_t?) throws(Fault) {
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
    let bound = try Self.path(of: number)
    guard bound == path else {
      throw Fault(
        .badListener, "the socket that was handed over is bound to another path than the configured one", path: bound,
        mend: "give isolated.socket and `socket:` of isolated.yaml (\(path)) the same path")
    }
    try Self.hand(path, to: group)
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

  /// Gives a control socket's file to a group, or to root's own if nil, with mode 0660.
  ///
  /// - Throws: `system.call-failed`.
  static func hand(_ path: String, to group: gid_t?) throws(Fault) {
    let group = group ?? getegid()
    var status = stat()
    try systemCall("lstat", path: path) { lstat(path, &status) }
    // What is right already is left alone: the directory may have become read-only.
    if status.st_gid == group, status.st_mode & 0o7777 == 0o660 { return }
    // In this order, so that no group is let in for a moment that shouldn't be.
    try systemCall("lchown", path: path, message: "cannot give the control socket to its group") {
      lchown(path, uid_t.max, group)
    }
    try systemCall("chmod", path: path, message: "cannot open the control socket to its group") {
      chmod(path, 0o660)
    }
  }

  /// The group that a configuration names; nil, with a warning, where the host has none of that name.
  static func group(_ principal: Principal, log: Logger) -> gid_t? {
    let group = HostAccounts.group(principal)
    if group == nil {
      log.warning("no such group: the socket is root's alone", metadata: ["group": "\(principal)"])
    }
    return group
  }

  /// Where a socket is bound; empty for one without a name, and for abstract ones.
  private static func path(of socket: Int32) throws(Fault) -> String {
    var address = sockaddr_un()
    var length = socklen_t(MemoryLayout<sockaddr_un>.size)
    try systemCall("getsockname", message: "cannot tell where the socket is that was handed over") {
      withUnsafeMutablePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(socket, $0, &length) }
      }
    }
    let count = Int(length) - MemoryLayout<sa_family_t>.size
    return withUnsafeBytes(of: &address.sun_path) { bytes in
      String(decoding: bytes.prefix(max(0, count)).prefix { $0 != 0 }, as: UTF8.self)
    }
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
