import CLinux
import Faults
import Glibc
import Kernel

extension Fault.Code {
  /// A file of a tenant's root is no regular file, or larger than its reader allows.
  public static let unsuitableRootFile: Self = "root.unsuitable-file"
}

/// Reads small files beneath a root directory whose contents may be hostile.
public enum RootFileReader {
  /// Reads a whole regular file.
  ///
  /// The path is resolved by openat2(2) with RESOLVE_IN_ROOT and RESOLVE_NO_MAGICLINKS: symbolic links, `..` and
  /// absolute paths stay beneath `root`, and no link of /proc leads out. The file is first opened with O_PATH and
  /// seen to be regular, so that neither a FIFO blocks the caller nor a device node's open does anything.
  ///
  /// - Parameters:
  ///   - root: a directory's descriptor.
  ///   - path: the file's path inside; a leading slash means the root.
  ///   - limit: the most bytes that the file may have.
  /// - Throws: ``Faults/Fault`` `root.unsuitable-file`, or `system.call-failed` with the errno (ENOENT for none).
  public static func read(beneath root: Int32, path: String, limit: Int) throws(Fault) -> [UInt8] {
    let seen = OwnedDescriptor(owning: try open(root, path, pathOnly))
    let first = try regularStatus(seen.rawValue, path)
    let file = OwnedDescriptor(owning: try open(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY))
    let second = try regularStatus(file.rawValue, path)
    guard first.st_dev == second.st_dev, first.st_ino == second.st_ino else {
      throw Fault(.unsuitableRootFile, "the file was replaced while it was being opened", path: path)
    }
    var contents: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 16_384)
    while true {
      let count = try systemCall("read", path: path) {
        buffer.withUnsafeMutableBytes { Glibc.read(file.rawValue, $0.baseAddress, $0.count) }
      }
      if count == 0 { return contents }
      guard contents.count + count <= limit else {
        throw Fault(.unsuitableRootFile, "the file is larger than the \(limit) bytes allowed", path: path)
      }
      contents.append(contentsOf: buffer[..<count])
    }
  }

  // The C library hides these from a reader that doesn't define _GNU_SOURCE; the numbers are linux/openat2.h's and
  // asm-generic/fcntl.h's, which x86-64 and arm64 share.
  private static let pathOnly: Int32 = 0o10_000_000  // O_PATH
  private static let noMagicLinks: UInt64 = 0x02  // RESOLVE_NO_MAGICLINKS
  private static let inRoot: UInt64 = 0x10  // RESOLVE_IN_ROOT

  private static func open(_ root: Int32, _ path: String, _ flags: Int32) throws(Fault) -> Int32 {
    guard !path.utf8.contains(0) else {
      throw Fault(.unsuitableRootFile, "a path can't hold a NUL", path: path)
    }
    var attempts = 0
    while true {
      do throws(Fault) {
        return try systemCall("openat2", path: path, message: "cannot open a file of the tenant's root") {
          clinux_openat2(root, path, UInt64(flags | O_CLOEXEC), 0, inRoot | noMagicLinks)
        }
      } catch {
        // openat2 answers EAGAIN when a rename elsewhere raced with a `..`; the caller is expected to retry.
        attempts += 1
        guard error.errno?.number == EAGAIN, attempts < 32 else { throw error }
      }
    }
  }

  private static func regularStatus(_ descriptor: Int32, _ path: String) throws(Fault) -> stat {
    var status = stat()
    try systemCall("fstat", path: path) { fstat(descriptor, &status) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw Fault(.unsuitableRootFile, "not a regular file", path: path)
    }
    return status
  }
}
