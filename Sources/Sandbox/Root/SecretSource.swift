import CLinux
import Faults
import Glibc
import Kernel

/// A secret of the host's, open, and seen to be nobody's but root's.
struct SecretSource: ~Copyable {
  let descriptor: OwnedDescriptor
  /// In bytes.
  let size: Int

  // linux/openat2.h.
  private static let noSymbolicLinks: UInt64 = 0x04  // RESOLVE_NO_SYMLINKS; no magic links either

  /// Opens the file at `path`, which must be a regular file that only root can reach, in a directory of the same kind.
  ///
  /// What is checked is what was opened: no link is followed, and nobody else could have put another file there.
  ///
  /// - Throws: `secret.untrusted`, or the system call's fault.
  static func open(_ path: String) throws(Fault) -> SecretSource {
    let end = path.lastIndex(of: "/") ?? path.startIndex
    let directory = try openDirectory(end == path.startIndex ? "/" : String(path[..<end]))
    let name = String(path[end...].drop { $0 == "/" })
    let descriptor = OwnedDescriptor(
      owning: try resolve(directory.rawValue, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, shown: path))
    let status = try privateStatus(descriptor.rawValue, kind: S_IFREG, path: path)
    guard status.st_size <= SecretMount.mostBytes else {
      throw Fault(
        .untrustedSecret, "the secret has \(status.st_size) bytes, and \(SecretMount.mostBytes) is the most",
        path: path, mend: "hand larger files in by `root.readable`")
    }
    return SecretSource(descriptor: descriptor, size: Int(status.st_size))
  }

  /// The paths of the files in a directory that is root's alone, sorted by name; names with a leading dot are passed over.
  static func paths(in path: String) throws(Fault) -> [String] {
    let directory = try openDirectory(path)
    // By its descriptor: what was looked at is what is listed.
    let names = try withExtendedLifetime(directory) { () throws(Fault) in
      try DirectoryListing.names("/proc/self/fd/\(directory.rawValue)", message: "cannot list the secrets in \(path)")
    }
    return names.filter { !$0.hasPrefix(".") }.map { path + "/" + $0 }
  }

  private static func openDirectory(_ path: String) throws(Fault) -> SharedDescriptor {
    let directory = SharedDescriptor(
      owning: try resolve(AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, shown: path))
    _ = try privateStatus(directory.rawValue, kind: S_IFDIR, path: path)
    return directory
  }

  private static func resolve(_ directory: Int32, _ path: String, _ flags: Int32, shown: String) throws(Fault) -> Int32
  {
    do throws(Fault) {
      return try systemCall("openat2", path: shown, message: "cannot open a secret") {
        clinux_openat2(directory, path, UInt64(flags | O_CLOEXEC), 0, noSymbolicLinks)
      }
    } catch {
      var fault = error
      if fault.errno?.number == ELOOP { fault.mend = "give the path without symbolic links" }
      throw fault
    }
  }

  private static func privateStatus(_ descriptor: Int32, kind: mode_t, path: String) throws(Fault) -> stat {
    var status = stat()
    try systemCall("fstat", path: path, message: "cannot look at a secret") { fstat(descriptor, &status) }
    let isDirectory = kind == S_IFDIR
    guard status.st_mode & S_IFMT == kind else {
      throw Fault(.untrustedSecret, isDirectory ? "this is no directory" : "this is no regular file", path: path)
    }
    guard status.st_uid == 0 || status.st_uid == geteuid(), status.st_mode & 0o077 == 0 else {
      throw Fault(
        .untrustedSecret,
        isDirectory ? "others than root can reach the secret's directory" : "others than root can reach the secret",
        path: path, mend: isDirectory ? "chown root and chmod 0700 it" : "chown root and chmod 0600 it")
    }
    return status
  }
}
