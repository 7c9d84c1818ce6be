import Faults

/// Everything that is wrong with one document: at least one fault, in the order of the text.
public struct PolicyErrors: Error, Sendable, Hashable {
  /// The faults; never empty.
  public let faults: [Fault]

  /// Takes one fault.
  public init(_ fault: Fault) { faults = [fault] }

  /// Takes the faults in the order of their positions, or nothing where there are none.
  public init?(_ faults: [Fault]) {
    guard !faults.isEmpty else { return nil }
    self.faults = faults.enumerated().sorted { left, right in
      let leftPlace = (left.element.position?.line ?? 0, left.element.position?.column ?? 0, left.offset)
      let rightPlace = (right.element.position?.line ?? 0, right.element.position?.column ?? 0, right.offset)
      return leftPlace < rightPlace
    }.map(\.element)
  }

  /// One fault for all of them: the first, which carries the others, of which `mostOthers` are kept.
  public func joined(mostOthers: Int = .max) -> Fault {
    Fault(joining: faults, mostOthers: mostOthers)
      ?? Fault(.internalError, "a policy was refused without a reason")
  }
}

extension PolicyErrors: CustomStringConvertible {
  /// One line for each fault.
  public var description: String { faults.map(\.description).joined(separator: "\n") }
}
