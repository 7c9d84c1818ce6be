import CLinux
import Faults
import Glibc
import Kernel

/// One interface file of a group: a name, a group, and the type of what the file says.
public protocol InterfaceFile<Value>: Sendable {
  /// What the file says.
  associatedtype Value: KernelReadable

  /// The group whose file it is.
  var group: Cgroup { get }

  /// The file's name, for example `memory.max`.
  var name: String { get }
}

extension InterfaceFile {
  /// Reads the file: open, read, close.
  ///
  /// - Throws: `.controllerNotEnabled`, `.noSuchFile`, `.groupGone`,
  ///   `.permissionDenied`, `.unreadableText`; each names the file and the error number.
  public func read() throws(Fault) -> Value { try group.readValue(name, as: Value.self) }

  /// A reader that keeps the file open, for reading it often.
  ///
  /// - Throws: as ``read()`` does.
  public func reader() throws(Fault) -> Reader<Value> { try Reader(group: group, file: name) }

  /// A reader that keeps the file open and fills a buffer that others fill too: for one task that reads many files.
  ///
  /// - Throws: as ``read()`` does.
  public func reader(sharing buffer: SharedReadBuffer) throws(Fault) -> Reader<Value> {
    try Reader(group: group, file: name, buffer: buffer)
  }

  /// Whether the group has this file.
  public var exists: Bool {
    let number = group.calls.open(group.directory.rawValue, name, clinux_o_path | O_CLOEXEC | O_NOFOLLOW)
    guard number >= 0 else { return false }
    _ = OwnedDescriptor(owning: number)
    return true
  }
}

/// A file that is only read.
public struct StatFile<Value: KernelReadable>: InterfaceFile {
  /// The group whose file it is.
  public let group: Cgroup
  /// The file's name.
  public let name: String

  init(_ group: Cgroup, _ name: String) {
    self.group = group
    self.name = name
  }
}

/// A file with one setting, which can be read and written.
public struct SettingFile<Value: KernelValue>: InterfaceFile {
  /// The group whose file it is.
  public let group: Cgroup
  /// The file's name.
  public let name: String

  init(_ group: Cgroup, _ name: String) {
    self.group = group
    self.name = name
  }

  /// Writes the setting with one write(2).
  ///
  /// - Throws: as ``InterfaceFile/read()`` does, and `.invalidValue`, `.valueOutOfRange`,
  ///   `.groupBusy`; the message holds the value.
  public func write(_ value: Value) throws(Fault) { try group.writeFile(name, value.writtenText) }
}

/// A file with one line per device or resource, each of which is set by a write of its own.
public struct TableFile<Entry: TableEntry>: InterfaceFile {
  /// All the lines of the file.
  public typealias Value = Table<Entry>

  /// The group whose file it is.
  public let group: Cgroup
  /// The file's name.
  public let name: String

  init(_ group: Cgroup, _ name: String) {
    self.group = group
    self.name = name
  }

  /// Sets one line with one write(2); the other lines stay.
  ///
  /// - Throws: as ``SettingFile/write(_:)`` does, and `.noSuchDevice`.
  public func write(_ entry: Entry) throws(Fault) { try group.writeFile(name, entry.writtenText) }
}
