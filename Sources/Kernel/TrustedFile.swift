import Faults
import Glibc

/// Reads files that run, or tell the kernel what to run: only root may have written them.
public enum TrustedFile {
  /// The bytes of a regular file that belongs to root or to this process's user, and that nobody else may write.
  ///
  /// A symbolic link isn't followed, and a FIFO isn't waited for.
  ///
  /// - Parameters:
  ///   - name: what the file is, for messages: `cannot open NAME`.
  ///   - mostBytes: the size up to which it can be what it should be.
  ///   - isSecret: whether a file that the world may read isn't trusted either.
  ///   - refusal: what is thrown, with the path, where the file isn't trusted, is empty or is longer than `mostBytes`.
  /// - Throws: `refusal`, its code also where the file becomes shorter meanwhile, or the system call's fault.
  public static func read(
    _ path: String, called name: String, mostBytes: Int, isSecret: Bool = false, refusal: Fault
  ) throws(Fault) -> [UInt8] {
    let file = OwnedDescriptor(
      owning: try systemCall("open", path: path, message: "cannot open \(name)") {
        open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
      })
    let number = file.rawValue
    var status = stat()
    try systemCall("fstat", path: path, message: "cannot look at \(name)") { fstat(number, &status) }
    let forbidden = S_IWGRP | S_IWOTH | (isSecret ? S_IROTH : 0)
    guard status.st_mode & S_IFMT == S_IFREG, status.st_uid == 0 || status.st_uid == geteuid(),
      status.st_mode & forbidden == 0, status.st_size > 0, status.st_size <= mostBytes
    else {
      var fault = refusal
      fault.path = path
      throw fault
    }
    var bytes = [UInt8](repeating: 0, count: status.st_size)
    var filled = 0
    while filled < bytes.count {
      let got = try systemCall("read", path: path, message: "cannot read \(name)") {
        bytes.withUnsafeMutableBytes { Glibc.read(number, $0.baseAddress.map { $0 + filled }, $0.count - filled) }
      }
      guard got > 0 else { throw Fault(refusal.code, "\(name) became shorter while it was read", path: path) }
      filled += got
    }
    return bytes
  }
}
