import Faults
import Glibc
import Kernel

/// Reads one file often: it keeps the file open and its buffer allocated, so a read is one pread(2) and a parse.
///
/// It costs one file descriptor for as long as it lives. A reader serves one task at a time; give each its own. Readers
/// that one task uses can share their memory: ``InterfaceFile/reader(sharing:)``.
///
/// ```swift
/// let usage = try group.cpu.stat.reader()
/// while !Task.isCancelled {
///   let stat = try usage.read()
///   …
/// }
/// ```
public final class Reader<Value: KernelReadable> {
  private let group: Cgroup
  private let file: String
  private let path: String
  private let descriptor: SharedDescriptor
  private let buffer: SharedReadBuffer

  init(
    group: Cgroup, file: String, flags: Int32 = O_RDONLY, buffer: SharedReadBuffer = SharedReadBuffer()
  ) throws(Fault) {
    self.group = group
    self.file = file
    path = group.filePath(file)
    descriptor = SharedDescriptor(owning: try group.openFile(file, flags: flags))
    self.buffer = buffer
  }

  /// Reads and parses the file as it is now.
  ///
  /// - Throws: `.groupGone` once the group was removed, `.unreadableText`.
  public func read() throws(Fault) -> Value {
    try refill()
    return try parsing { (bytes) throws(Fault) in try Value(parsing: bytes) }
  }

  /// Reads and parses the lines of the file into an array whose memory is used again.
  ///
  /// - Throws: as ``read()`` does; `entries` is then incomplete.
  public func read<Entry>(into entries: inout [Entry]) throws(Fault) where Value == Table<Entry> {
    try refill()
    do {
      try buffer.content.withBytes { (bytes) throws(Fault) in try Value.parse(bytes, into: &entries) }
    } catch {
      throw located(error)
    }
  }

  /// Reads the file, and parses the one line about `key`; nil where there is none.
  ///
  /// - Throws: as ``read()`` does, but for what other lines say.
  public func read<Entry>(lineAbout key: Entry.Key) throws(Fault) -> Entry?
  where Value == Table<Entry>, Entry.Key: KernelReadable {
    try refill()
    do {
      return try buffer.content.withBytes { (bytes) throws(Fault) in try Value.parse(bytes, lineAbout: key) }
    } catch {
      throw located(error)
    }
  }

  /// Writes to the kept descriptor.
  func write(_ value: String) throws(Fault) {
    do {
      try group.write(value, to: descriptor.rawValue, path: path)
    } catch {
      throw Explanation.writing(error, value: value, file: file, of: group)
    }
  }

  private func refill() throws(Fault) {
    do {
      try buffer.content.snapshot(of: descriptor.rawValue, path: path, calls: group.calls)
    } catch {
      throw Explanation.reading(error, file: file, of: group)
    }
  }

  private func parsing(
    _ body: (UnsafeBufferPointer<UInt8>) throws(Fault) -> Value
  ) throws(Fault) -> Value {
    do {
      return try buffer.content.withBytes(body)
    } catch {
      throw located(error)
    }
  }

  private func located(_ fault: Fault) -> Fault {
    var located = fault
    if located.path == nil { located.path = path }
    return located
  }
}
