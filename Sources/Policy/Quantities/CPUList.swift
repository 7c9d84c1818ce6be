/// A set of processors in the kernel's list format (cpuset(7)): `0-3,8`.
public struct CPUList: Quantity {
  /// The processors as ascending ranges that neither overlap nor touch; never empty.
  public let ranges: [ClosedRange<Int>]

  /// The highest processor number that a list may name: one below the kernel's largest `NR_CPUS`.
  public static let highest = 8191

  /// How a message names it.
  public static let expectation = "a list of processors such as 0-3,8"

  /// Parses numbers and ranges, separated by commas, in any order.
  public init(parsing text: String) throws(QuantityError) {
    guard text.utf8.count <= 4096 else { throw QuantityError("the list of processors is too long") }
    var found: [ClosedRange<Int>] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = part.split(separator: "-", omittingEmptySubsequences: false)
      guard let first = ends.first, let last = ends.last, ends.count <= 2 else {
        throw QuantityError("\"\(text.shortened)\" is not \(Self.expectation)")
      }
      let low = try Self.number(first, in: text)
      let high = try Self.number(last, in: text)
      guard low <= high else {
        throw QuantityError("the range \(low)-\(high) ends before it starts", mend: "write \(high)-\(low)")
      }
      found.append(low...high)
    }
    ranges = Self.merged(found)
  }

  /// How many processors the list names.
  public var count: Int { ranges.reduce(0) { $0 + $1.count } }

  /// Whether the list names `processor`.
  public func contains(_ processor: Int) -> Bool { ranges.contains { $0.contains(processor) } }

  /// The list in the kernel's format.
  public var description: String {
    ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
      .joined(separator: ",")
  }

  private static func number(_ digits: Substring, in text: String) throws(QuantityError) -> Int {
    guard !digits.isEmpty, digits.utf8.allSatisfy({ (48...57).contains($0) }),
      digits.utf8.count == 1 || digits.utf8.first != 48
    else { throw QuantityError("\"\(text.shortened)\" is not \(expectation)") }
    guard let number = Int(digits), number <= highest else {
      throw QuantityError("there is no processor \(String(digits).shortened): the highest is \(highest)")
    }
    return number
  }

  private static func merged(_ ranges: [ClosedRange<Int>]) -> [ClosedRange<Int>] {
    var result: [ClosedRange<Int>] = []
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = result.last, range.lowerBound <= last.upperBound + 1 {
        result[result.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
      } else {
        result.append(range)
      }
    }
    return result
  }
}
