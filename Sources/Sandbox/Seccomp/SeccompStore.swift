import Faults
import Glibc
import Kernel

/// Compiled programs in a directory, one file for each policy and environment.
///
/// A file holds a magic line, the length of the key and the key, the program, and the SHA-256 of all that. The key is
/// stored whole, so that no collision of names can exchange two policies.
struct SeccompStore: Sendable {
  let directory: String

  private static let magic = Array("isolated seccomp program 1\n".utf8)
  private static let digestLength = 32
  private static let maximumLength = 4 << 20

  private func name(_ key: [UInt8]) -> String { SHA256.hexadecimal(of: key) + ".bpf" }

  /// The program for a key, or nil if there is none.
  ///
  /// - Throws: ``Faults/Fault`` `seccomp.cache-damaged` for a file that can't be used.
  func load(_ key: [UInt8]) throws(Fault) -> [BPFInstruction]? {
    let name = name(key)
    let folder = try openDirectory()
    let number = openat(folder.rawValue, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    if number < 0 {
      if errno == ENOENT { return nil }
      throw damaged("cannot be opened", name, errno)
    }
    let file = OwnedDescriptor(owning: number)
    var status = stat()
    try systemCall("fstat", path: name) { fstat(file.rawValue, &status) }
    guard status.st_mode & S_IFMT == S_IFREG, status.st_uid == geteuid(), status.st_mode & 0o022 == 0 else {
      throw damaged("isn't a file that only this user can write", name)
    }
    guard status.st_size <= Self.maximumLength else { throw damaged("is too large", name) }
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    let length = try systemCall("pread", path: name) {
      bytes.withUnsafeMutableBytes { pread(file.rawValue, $0.baseAddress, $0.count, 0) }
    }
    guard length == bytes.count, let program = Self.decode(bytes, key) else {
      throw damaged("is damaged", name)
    }
    return program
  }

  /// Writes a program so that a reader, or a power failure, finds all of it or none.
  func save(_ program: [UInt8], _ key: [UInt8]) throws(Fault) {
    let folder = try openDirectory()
    let name = name(key)
    let temporary = "\(name).\(getpid()).\(UInt64.random(in: .min ... .max)).tmp"
    let file = OwnedDescriptor(
      owning: try systemCall("openat", path: temporary) {
        openat(folder.rawValue, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
      })
    do throws(Fault) {
      let bytes = Self.encode(program, key)
      var written = 0
      while written < bytes.count {
        written += try systemCall("write", path: temporary) {
          bytes[written...].withUnsafeBytes { write(file.rawValue, $0.baseAddress, $0.count) }
        }
      }
      try systemCall("fsync", path: temporary) { fsync(file.rawValue) }
      try systemCall("renameat", path: name) { renameat(folder.rawValue, temporary, folder.rawValue, name) }
    } catch {
      // The failure to report is the first one; what is left over is only a file that nobody reads.
      _ = unlinkat(folder.rawValue, temporary, 0)
      throw error
    }
  }

  static func encode(_ program: [UInt8], _ key: [UInt8]) -> [UInt8] {
    var bytes = magic
    withUnsafeBytes(of: UInt32(truncatingIfNeeded: key.count).littleEndian) { bytes.append(contentsOf: $0) }
    bytes += key + program
    return bytes + SHA256.digest(of: bytes)
  }

  static func decode(_ bytes: [UInt8], _ key: [UInt8]) -> [BPFInstruction]? {
    let header = magic.count + 4
    guard bytes.count >= header + key.count + digestLength, bytes.starts(with: magic) else { return nil }
    let content = Array(bytes.dropLast(digestLength))
    guard SHA256.digest(of: content).elementsEqual(bytes.suffix(digestLength)) else { return nil }
    let length = content[magic.count..<header].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    guard length == key.count, content[header..<header + key.count].elementsEqual(key) else { return nil }
    return BPFInstruction.decode(content[(header + key.count)...])
  }

  private func openDirectory() throws(Fault) -> OwnedDescriptor {
    OwnedDescriptor(
      owning: try systemCall("open", path: directory, message: "cannot open the cache of seccomp programs") {
        open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
      })
  }

  private func damaged(_ what: String, _ name: String, _ number: Int32? = nil) -> Fault {
    Fault(
      .seccompCacheDamaged, "a cached seccomp program \(what), and is compiled anew",
      path: "\(directory)/\(name)",
      errno: number.map { ErrorNumber($0) })
  }
}
