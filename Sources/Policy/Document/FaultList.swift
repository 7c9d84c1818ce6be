import Faults

/// The faults of one document: the first hundred, and how many more there are.
struct FaultList {
  private static let maximum = 100

  private var faults: [Fault] = []
  private var omitted = 0

  /// Adds a fault, or counts it.
  mutating func add(_ fault: Fault) {
    guard faults.count < Self.maximum else {
      omitted += 1
      return
    }
    faults.append(fault)
  }

  /// Everything that was added, if anything was.
  var errors: PolicyErrors? {
    guard var last = faults.last, omitted > 0 else { return PolicyErrors(faults) }
    last.mend = "\(omitted) further faults are left out"
    return PolicyErrors(faults.dropLast() + [last])
  }
}
