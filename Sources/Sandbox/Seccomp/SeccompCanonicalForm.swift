/// A policy as bytes, the same for equal policies and different for different ones.
extension SeccompPolicy {
  var canonicalForm: String {
    var text = "default \(defaultAction.canonicalForm)\nforeign \(foreignArchitectureAction.canonicalForm)\n"
    text += "flags \(flags.rawValue)\n"
    text += "architectures \(additionalArchitectures.map(\.rawValue).sorted().joined(separator: " "))\n"
    for rule in rules {
      // Lengths before names: no name can look like the end of the list.
      let names = rule.names.map { "\($0.utf8.count):\($0)" }.joined(separator: " ")
      let conditions = rule.conditions.map(\.canonicalForm).joined(separator: " ")
      text += "rule \(rule.action.canonicalForm) [\(conditions)] \(rule.names.count) \(names)\n"
    }
    return text
  }
}

extension SeccompAction {
  fileprivate var canonicalForm: String { String(returnValue, radix: 16) }
}

extension SeccompCondition {
  fileprivate var canonicalForm: String {
    switch comparison {
    case .notEqual: "\(argument)!=\(value)"
    case .less: "\(argument)<\(value)"
    case .lessOrEqual: "\(argument)<=\(value)"
    case .equal: "\(argument)==\(value)"
    case .greaterOrEqual: "\(argument)>=\(value)"
    case .greater: "\(argument)>\(value)"
    case .maskedEqual(let mask): "\(argument)&\(mask)==\(value)"
    }
  }
}
