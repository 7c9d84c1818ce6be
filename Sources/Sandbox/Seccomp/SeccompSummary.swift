import Faults

extension SeccompPolicy {
  /// What the policy does, for people: one line for each fact, as `isoctl inspect` prints them.
  public var summary: [String] {
    var lines = ["calls without a rule: \(defaultAction.phrase)"]
    let others = SeccompCompiler.effectiveArchitectures(self).dropFirst().map(\.rawValue)
    lines.append(
      others.isEmpty
        ? "other architectures than \(SeccompArchitecture.native.rawValue): \(foreignArchitectureAction.phrase)"
        : "calls of \(others.joined(separator: ", ")) are judged too")
    if others.contains("x86") {
      lines.append("x86: arguments inside socketcall and ipc can't be seen by a filter")
    }
    if flags.contains(.log) { lines.append("refused calls are logged") }
    if flags.contains(.speculationAllowed) { lines.append("speculative store bypass isn't mitigated") }
    var decided: Set<String> = []
    var unconditional: [(phrase: String, names: [String])] = []
    var conditional: [String] = []
    for rule in rules {
      // What an earlier rule without conditions has decided never gets here.
      let names = rule.names.filter { !decided.contains($0) }
      guard !names.isEmpty else { continue }
      if !rule.conditions.isEmpty {
        let when = rule.conditions.map(\.phrase).joined(separator: " and ")
        conditional.append("\(names.joined(separator: ", ")) when \(when): \(rule.action.phrase)")
        continue
      }
      decided.formUnion(names)
      if let index = unconditional.firstIndex(where: { $0.phrase == rule.action.phrase }) {
        unconditional[index].names += names
      } else {
        unconditional.append((rule.action.phrase, names))
      }
    }
    lines += conditional
    for (phrase, names) in unconditional {
      let unique = Set(names).sorted()
      lines.append("\(unique.count) calls: \(phrase): \(unique.joined(separator: " "))")
    }
    return lines
  }
}

extension SeccompAction {
  /// What happens, as the end of a sentence.
  fileprivate var phrase: String {
    switch self {
    case .allow: "allowed"
    case .log: "allowed and logged"
    case .errno(0): "not made, success is pretended"
    case .errno(let number): "refused with \(ErrorNumber(Int32(number)).name)"
    case .trap: "refused with SIGSYS"
    case .killThread: "the thread is killed"
    case .killProcess: "the process is killed"
    }
  }
}

extension SeccompCondition {
  fileprivate var phrase: String {
    let shown = "0x" + String(value, radix: 16)
    let name = "argument \(argument)"
    switch comparison {
    case .notEqual: return "\(name) is not \(shown)"
    case .less: return "\(name) is below \(shown)"
    case .lessOrEqual: return "\(name) is at most \(shown)"
    case .equal: return "\(name) is \(shown)"
    case .greaterOrEqual: return "\(name) is at least \(shown)"
    case .greater: return "\(name) is above \(shown)"
    case .maskedEqual(mask: 0xFFFF_FFFF): return "\(name) (32 bits) is \(shown)"
    case .maskedEqual(let mask):
      let bits = "0x" + String(mask, radix: 16)
      return value & mask == 0 ? "\(name) has none of the bits \(bits)" : "\(name) & \(bits) is \(shown)"
    }
  }
}
