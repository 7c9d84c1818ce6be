import Faults
import Glibc

extension Fault.Code {
  /// A file is longer than anything that it could hold.
  public static let fileTooLarge: Self = "file.too-large"
}

/// Whole small files, read and replaced at once.
public enum SmallFile {
  /// Reads the file as text; bytes that aren't UTF-8 become U+FFFD.
  ///
  /// - Throws: as ``readBytes(_:limit:called:)`` does.
  public static func read(_ path: String, limit: Int) throws(Fault) -> String {
    String(decoding: try readBytes(path, limit: limit), as: UTF8.self)
  }

  /// Reads the file's bytes.
  ///
  /// - Parameter name: what the file is, for messages: `cannot open NAME`.
  /// - Throws: `file.too-large` beyond `limit` bytes, or the system call's fault.
  public static func readBytes(
    _ path: String, limit: Int, called name: String = "the file"
  ) throws(Fault) -> [UInt8] {
    let file = OwnedDescriptor(
      owning: try systemCall("open", path: path, message: "cannot open \(name)") {
        open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
      })
    let number = file.rawValue
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: min(limit + 1, 64 << 10))
    while true {
      let got = try systemCall("read", path: path, message: "cannot read \(name)") {
        Glibc.read(number, &chunk, chunk.count)
      }
      if got == 0 { return bytes }
      bytes.append(contentsOf: chunk[..<got])
      guard bytes.count <= limit else {
        throw Fault(.fileTooLarge, "\(name) is longer than \(limit) bytes", path: path)
      }
    }
  }

  /// Replaces the file whole or not at all, by writing beside it and renaming.
  ///
  /// - Parameters:
  ///   - mode: the new file's permissions, less the umask.
  ///   - durable: whether it must survive a power cut, at the price of two fsync(2).
  ///   - suffix: what is added to `path` for the file that is written first. Those who may replace the same file at the
  ///     same time need one each.
  /// - Throws: the system call's fault; then nothing temporary stays.
  public static func replace(
    _ path: String, with bytes: [UInt8], mode: mode_t = 0o600, durable: Bool = false, suffix: String = ".new"
  ) throws(Fault) {
    let temporary = path + suffix
    // What a crash left there may have other permissions or another owner: it isn't written to.
    _ = unlink(temporary)
    do throws(Fault) {
      try write(temporary, bytes, flags: O_CREAT | O_EXCL, mode: mode, durable: durable)
      try systemCall("rename", path: path, message: "cannot replace the file") { rename(temporary, path) }
    } catch {
      _ = unlink(temporary)
      throw error
    }
    if durable { try synchronizeDirectory(of: path) }
  }

  /// Adds `bytes` at the file's end so that they survive a power cut; where that fails, nothing of them stays.
  public static func append(_ path: String, _ bytes: [UInt8], mode: mode_t = 0o600) throws(Fault) {
    var before = stat()
    let size = stat(path, &before) == 0 ? before.st_size : 0
    do throws(Fault) {
      try write(path, bytes, flags: O_CREAT | O_APPEND, mode: mode, durable: true)
    } catch {
      _ = truncate(path, size)
      throw error
    }
  }

  private static func write(
    _ path: String, _ bytes: [UInt8], flags: Int32, mode: mode_t, durable: Bool
  ) throws(Fault) {
    let file = OwnedDescriptor(
      owning: try systemCall("open", path: path, message: "cannot write the file") {
        open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | flags, mode)
      })
    let number = file.rawValue
    var written = 0
    while written < bytes.count {
      written += try systemCall("write", path: path, message: "cannot write the file") {
        bytes.withUnsafeBytes { Glibc.write(number, $0.baseAddress.map { $0 + written }, $0.count - written) }
      }
    }
    if durable {
      try systemCall("fsync", path: path, message: "cannot write the file") { fsync(number) }
    }
  }

  private static func synchronizeDirectory(of path: String) throws(Fault) {
    let directory = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
    let file = OwnedDescriptor(
      owning: try systemCall("open", path: directory, message: "cannot open the directory") {
        open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
      })
    let number = file.rawValue
    try systemCall("fsync", path: directory, message: "cannot write the directory") { fsync(number) }
  }
}
