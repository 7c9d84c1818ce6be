import Faults

/// What can be said against a policy before any name is looked up.
enum SeccompValidation {
  /// The most rules and names that a policy may have.
  static let maximumNames = 16_384

  /// - Throws: ``Faults/Fault`` `seccomp.invalid-policy`.
  static func check(_ policy: SeccompPolicy) throws(Fault) {
    try check(policy.defaultAction, "the default action")
    try check(policy.foreignArchitectureAction, "the action for foreign architectures")
    guard policy.rules.count <= maximumNames,
      policy.rules.reduce(0, { $0 + $1.names.count }) <= maximumNames
    else { throw invalid("the policy has more than \(maximumNames) rules or names") }
    for rule in policy.rules {
      let subject = rule.names.first.map { "the rule for \(quotedName($0))" } ?? "a rule"
      guard !rule.names.isEmpty else { throw invalid("a rule names no system call") }
      try check(rule.action, subject)
      var seen: Set<UInt8> = []
      for condition in rule.conditions {
        guard condition.argument <= 5 else {
          throw invalid(
            "\(subject) looks at argument \(condition.argument)", "arguments are counted from 0 to 5")
        }
        guard seen.insert(condition.argument).inserted else {
          // libseccomp refuses it, and runtimes that take it make an "or" of what reads as an "and".
          throw invalid(
            "\(subject) has two conditions for argument \(condition.argument)",
            "write one rule for each, or one masked comparison")
        }
      }
    }
  }

  private static func check(_ action: SeccompAction, _ subject: String) throws(Fault) {
    if case .errno(let number) = action, number > 4095 {
      throw invalid("\(subject) answers errno \(number)", "the kernel's largest is 4095")
    }
  }

  private static func invalid(_ message: String, _ mend: String? = nil) -> Fault {
    Fault(.invalidSeccompPolicy, message, mend: mend)
  }
}
