import CgroupKit
import Faults

/// A group's file that each scrape reads: kept open while there are descriptors for it, opened each time otherwise.
///
/// Confined to the scrape's thread.
struct KeptFile<File: InterfaceFile> {
  private let file: File
  private var reader: Reader<File.Value>?
  /// Whether this kernel or this group doesn't have it.
  private var isAbsent = false
  private let isKept: Bool

  /// - Parameter isKept: whether it may keep a descriptor at all.
  init(_ file: File, isKept: Bool = true) {
    self.file = file
    self.isKept = isKept
  }

  /// Whether it holds a descriptor.
  var isOpen: Bool { reader != nil }

  /// Reads the file.
  ///
  /// - Returns: nil where it isn't there or can't be read, which `context` counts.
  /// - Throws: that the group has gone.
  mutating func read(_ context: inout ScrapeContext) throws(GroupGone) -> File.Value? {
    guard !isAbsent else { return nil }
    do throws(Fault) {
      if let reader { return try reader.read() }
      guard isKept, context.mayKeep else { return try file.read() }
      let reader = try file.reader(sharing: context.buffer)
      self.reader = reader
      context.kept += 1
      return try reader.read()
    } catch {
      switch error.code {
      case .groupGone: throw GroupGone()
      case .noSuchFile, .controllerNotEnabled, .unsupportedOperation: isAbsent = true
      default: context.count(file.name)
      }
      return nil
    }
  }
}

/// A group was removed while it was read.
struct GroupGone: Error {}

/// What the readers of a scrape share.
struct ScrapeContext {
  let buffer = SharedReadBuffer()
  /// Descriptors that are kept, and the most that may be.
  var kept = 0
  let mostKept: Int
  /// Reads that failed since the daemon started, by the file's name.
  private(set) var errors: [String: UInt64] = [:]

  init(mostKept: Int) { self.mostKept = mostKept }

  var mayKeep: Bool { kept < mostKept }

  /// - Parameter file: of a list that is part of the program.
  mutating func count(_ file: String) { errors[file, default: 0] += 1 }
}
