import Faults
import Glibc
import Kernel

/// Writes lines of one file often: it keeps the file open, so a change is one write(2).
///
/// It costs one file descriptor for as long as it lives. A writer serves one task at a time; give each its own.
public final class TableWriter<Entry: TableEntry> {
  private let group: Cgroup
  private let file: String
  private let path: String
  private let descriptor: SharedDescriptor

  init(group: Cgroup, file: String) throws(Fault) {
    self.group = group
    self.file = file
    path = group.filePath(file)
    descriptor = SharedDescriptor(owning: try group.openFile(file, flags: O_WRONLY))
  }

  /// Sets the line that `entry` is about.
  ///
  /// - Throws: as ``TableFile/write(_:)`` does.
  public func write(_ entry: Entry) throws(Fault) {
    let text = entry.writtenText
    do {
      try group.write(text, to: descriptor.rawValue, path: path)
    } catch {
      throw Explanation.writing(error, value: text, file: file, of: group)
    }
  }
}

extension TableFile {
  /// Opens the file for many writes: see ``TableWriter``.
  ///
  /// - Throws: as reading a file does.
  public func writer() throws(Fault) -> TableWriter<Entry> { try TableWriter(group: group, file: name) }
}
