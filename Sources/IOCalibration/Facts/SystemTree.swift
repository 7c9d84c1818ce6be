import Faults
import Glibc
import Kernel

/// The kernel's files (/sys, /proc) beneath a root, which tests put elsewhere.
public struct SystemTree: Sendable {
  /// The directory that stands for `/`; empty for the real one.
  public let root: String

  /// Takes the directory that stands for `/`.
  public init(root: String = "") { self.root = root }

  /// A file's text without the white space around it, cut off at `limit` bytes; nil where there is none or it is empty.
  public func text(_ path: String, limit: Int = 4096) -> String? {
    guard let bytes = bytes(path, limit: limit) else { return nil }
    var text = Substring(String(decoding: bytes, as: UTF8.self))
    while let last = text.last, last.isWhitespace || last == "\0" { text.removeLast() }
    while let first = text.first, first.isWhitespace { text.removeFirst() }
    return text.isEmpty ? nil : String(text)
  }

  /// A file's number, if it is one and not negative.
  public func number(_ path: String) -> Int? { text(path).flatMap { Int($0) }.flatMap { $0 >= 0 ? $0 : nil } }

  /// The names in a directory, sorted; none where there is no such directory.
  public func names(_ path: String) -> [String] {
    guard let directory = opendir(root + path) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// Whether something is at the path.
  public func exists(_ path: String) -> Bool { access(root + path, F_OK) == 0 }

  private func bytes(_ path: String, limit: Int) -> [UInt8]? {
    guard
      let file = try? systemCall("open", { open(root + path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) })
    else { return nil }
    let descriptor = OwnedDescriptor(owning: file)
    var bytes = [UInt8](repeating: 0, count: limit)
    var taken = 0
    while taken < limit {
      let count = bytes.withUnsafeMutableBytes {
        read(descriptor.rawValue, $0.baseAddress.map { $0 + taken }, limit - taken)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { break }
      taken += count
    }
    return Array(bytes[..<taken])
  }
}
