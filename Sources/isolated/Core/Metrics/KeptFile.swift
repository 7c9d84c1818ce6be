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
  private let isSpare: Bool

  /// - Parameter isSpare: whether it keeps a descriptor only where those are plenty.
  init(_ file: File, isSpare: Bool = false) {
    self.file = file
    self.isSpare = isSpare
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
      guard context.mayKeep(isSpare: isSpare) else { return try file.read() }
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

  /// Whether one more may be kept.
  func mayKeep(isSpare: Bool) -> Bool { kept < mostKept && (!isSpare || mostKept >= Self.plenty) }

  /// Limits of 20,000 and below are common; the daemon's unit has 524,288.
  private static let plenty = 100_000

  /// - Parameter file: of a list that is part of the program.
  mutating func count(_ file: String) { errors[file, default: 0] += 1 }
}
