import Glibc
import Testing

/// A directory of a test's own, removed with its files when the test ends.
final class TemporaryDirectory {
  let path: String

  init() throws {
    let template = try #require(strdup("/tmp/kernel-tests.XXXXXX"))
    defer { free(template) }
    path = String(cString: try #require(mkdtemp(template)))
  }

  deinit {
    for name in names { unlink("\(path)/\(name)") }
    rmdir(path)
  }

  /// What is in it, sorted.
  var names: [String] {
    guard let directory = opendir(path) else { return [] }
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

  /// Makes a file and answers its path.
  func file(_ name: String, _ bytes: [UInt8], mode: mode_t = 0o600) throws -> String {
    let path = "\(path)/\(name)"
    let number = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    try #require(number >= 0)
    defer { close(number) }
    try #require(write(number, bytes, bytes.count) == bytes.count)
    try #require(fchmod(number, mode) == 0)
    return path
  }
}
