import Faults
import Glibc
import Kernel

extension Cgroup {
  /// The name of one of the group's files in full, for messages.
  func filePath(_ file: String) -> String { file == "." ? path : "\(path)/\(file)" }

  /// Opens one of the group's files; the descriptor belongs to the caller.
  func openFile(_ file: String, flags: Int32) throws(Fault) -> Int32 {
    do {
      return try systemCall("openat", path: filePath(file), message: "cannot open the file") {
        calls.open(directory.rawValue, file, flags | O_CLOEXEC | O_NOFOLLOW)
      }
    } catch {
      throw Explanation.reading(error, file: file, of: self)
    }
  }

  /// Reads a whole file and hands its bytes to `body`.
  func readFile<Result>(
    _ file: String, _ body: (UnsafeBufferPointer<UInt8>) throws(Fault) -> Result
  ) throws(Fault) -> Result {
    let descriptor = SharedDescriptor(owning: try openFile(file, flags: O_RDONLY))
    var buffer = ReadBuffer()
    do {
      try buffer.fill(from: descriptor.rawValue, path: filePath(file), calls: calls)
    } catch {
      throw Explanation.reading(error, file: file, of: self)
    }
    return try locating(file) { () throws(Fault) in try buffer.withBytes(body) }
  }

  /// Reads a file into a typed value.
  func readValue<Value: KernelReadable>(_ file: String, as type: Value.Type) throws(Fault) -> Value {
    try readFile(file) { (bytes) throws(Fault) in try Value(parsing: bytes) }
  }

  /// The text of any of the group's files, without the newline at its end: what ``write(_:toFile:)`` takes back.
  ///
  /// - Throws: as ``InterfaceFile/read()`` does.
  public func text(ofFile file: String) throws(Fault) -> String {
    try readFile(file) { (bytes) throws(Fault) in
      var text = String(decoding: bytes, as: UTF8.self)
      while text.last?.isNewline == true { text.removeLast() }
      return text
    }
  }

  /// Writes a text to any of the group's files with one write(2). Where there is a type for the file, prefer it.
  ///
  /// - Throws: as ``SettingFile/write(_:)`` does.
  public func write(_ text: String, toFile file: String) throws(Fault) { try writeFile(file, text) }

  /// Writes a value with one write(2), as the kernel's interface files demand.
  func writeFile(_ file: String, _ value: String) throws(Fault) {
    // A cgroup file has no length to cut, so the kernel ignores O_TRUNC; on plain files in tests it makes the write
    // replace what was there.
    let number: Int32
    do {
      number = try openFile(file, flags: O_WRONLY | O_TRUNC)
    } catch {
      var located = error
      located.message = "cannot write \(excerpt(value))"
      throw located
    }
    let descriptor = SharedDescriptor(owning: number)
    do {
      try write(value, to: descriptor.rawValue, path: filePath(file))
    } catch {
      throw Explanation.writing(error, value: value, file: file, of: self)
    }
  }

  /// One write(2) of a whole text to an open file.
  func write(_ value: String, to descriptor: Int32, path: String) throws(Fault) {
    var text = value
    let expected = text.utf8.count
    let result: Result<Int, Fault> = text.withUTF8 { bytes in
      Result { () throws(Fault) in
        guard let base = bytes.baseAddress else { return 0 }
        return try systemCall("write", path: path, message: "cannot write the file") {
          calls.write(descriptor, base, bytes.count)
        }
      }
    }
    let written = try result.get()
    guard written == expected else {
      throw Fault(
        .systemCallFailed, "the kernel took only \(written) of \(expected) bytes", systemCall: "write",
        path: path)
    }
  }

  /// Adds the file's name to a fault that a parser threw without knowing it.
  func locating<Result>(_ file: String, _ body: () throws(Fault) -> Result) throws(Fault) -> Result {
    do {
      return try body()
    } catch {
      var located = error
      if located.path == nil { located.path = filePath(file) }
      throw located
    }
  }
}
