import Faults

/// One line of a file that has a line per device or resource.
public protocol TableEntry: KernelValue {
  /// What the line is about: a device's number or a resource's name.
  associatedtype Key: Hashable & Sendable

  /// What the line is about.
  var key: Key { get }
}

/// All the lines of such a file, in the kernel's order.
public struct Table<Entry: TableEntry>: KernelReadable, Hashable {
  /// The lines, in the kernel's order.
  public var entries: [Entry]

  /// Collects lines.
  public init(_ entries: [Entry] = []) { self.entries = entries }

  /// Parses a file of lines; empty lines are passed over.
  public init(parsing bytes: UnsafeBufferPointer<UInt8>) throws(Fault) {
    entries = []
    try Self.parse(bytes, into: &entries)
  }

  /// The line about `key`, `nil` where there is none: for limits that means that nothing is set.
  public subscript(key: Entry.Key) -> Entry? { entries.first { $0.key == key } }

  static func parse(_ bytes: UnsafeBufferPointer<UInt8>, into entries: inout [Entry]) throws(Fault) {
    entries.removeAll(keepingCapacity: true)
    var scanner = ByteScanner(bytes)
    while let line = scanner.line() {
      let content = line.trimmed
      // A device that went away while its counters live on has no name (include/linux/backing-dev.h, bdi_dev_name).
      if content.isAtEnd || content.starts(with: "(unknown)") { continue }
      entries.append(try Entry(parsing: content.rest))
    }
  }
}

extension Table {
  /// The line about `key`, found by the text before its first blank.
  static func parse(_ bytes: UnsafeBufferPointer<UInt8>, lineAbout key: Entry.Key) throws(Fault) -> Entry?
  where Entry.Key: KernelReadable {
    var scanner = ByteScanner(bytes)
    while let line = scanner.line() {
      let content = line.trimmed
      var words = content
      guard let word = words.word(), !content.starts(with: "(unknown)") else { continue }
      if try Entry.Key(parsing: word.rest) == key { return try Entry(parsing: content.rest) }
    }
    return nil
  }
}

extension Table: CustomStringConvertible {
  /// The lines as the kernel prints them.
  public var description: String { entries.map(\.kernelText).joined(separator: "\n") }
}
