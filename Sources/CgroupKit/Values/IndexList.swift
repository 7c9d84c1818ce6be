import Faults

/// A set of CPUs or of memory nodes in the kernel's list format: `0-3,8`.
///
/// Source: cpuset(7), "List format".
public struct IndexList: KernelValue {
  /// The indexes as runs: ascending, apart from one another, never touching.
  public let ranges: [ClosedRange<UInt32>]

  /// Collects runs in any order; those that overlap or touch become one.
  public init(_ ranges: [ClosedRange<UInt32>]) {
    var merged: [ClosedRange<UInt32>] = []
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = merged.last, range.lowerBound == 0 || range.lowerBound - 1 <= last.upperBound {
        merged[merged.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
      } else {
        merged.append(range)
      }
    }
    self.ranges = merged
  }

  /// Collects single indexes.
  public init(_ indexes: some Sequence<UInt32>) { self.init(indexes.map { $0...$0 }) }

  /// Parses the list format. An empty text is the empty set.
  public init(parsing bytes: UnsafeBufferPointer<UInt8>) throws(Fault) {
    var scanner = ByteScanner(bytes).trimmed
    let whole = scanner
    var ranges: [ClosedRange<UInt32>] = []
    var needsPart = !scanner.isAtEnd
    while needsPart {
      guard let lower = scanner.digits().flatMap({ UInt32(exactly: $0) }) else {
        throw whole.fault(expected: "a list such as 0-3,8")
      }
      var upper = lower
      if scanner.skip(UInt8(ascii: "-")) {
        guard let end = scanner.digits().flatMap({ UInt32(exactly: $0) }), end >= lower else {
          throw whole.fault(expected: "a list such as 0-3,8")
        }
        upper = end
      }
      ranges.append(lower...upper)
      needsPart = scanner.skip(UInt8(ascii: ","))
    }
    guard scanner.isAtEnd else { throw whole.fault(expected: "a list such as 0-3,8") }
    self.init(ranges)
  }

  /// Whether the set has no member.
  public var isEmpty: Bool { ranges.isEmpty }

  /// How many members the set has.
  public var count: Int { ranges.reduce(0) { $0 + Int($1.upperBound - $1.lowerBound) + 1 } }

  /// Whether `index` is a member.
  public func contains(_ index: UInt32) -> Bool { ranges.contains { $0.contains(index) } }

  /// The list format.
  public var kernelText: String {
    ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
      .joined(separator: ",")
  }

  /// The list format, or a newline for the empty set, since a write of nothing would reach no one.
  public var writtenText: String { isEmpty ? "\n" : kernelText }
}
