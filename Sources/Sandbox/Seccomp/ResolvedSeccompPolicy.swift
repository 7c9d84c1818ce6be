import Faults

/// A policy with its names replaced by one architecture's numbers.
struct ResolvedSeccompPolicy {
  /// A call that some rule names.
  struct Entry: Hashable {
    var name: String
    /// The number; with bit 31 set, one of libseccomp's pseudo numbers for socketcall(2) and ipc(2).
    var number: UInt32
    var isPseudo: Bool { number >= 0x8000_0000 }
  }

  /// Rules of one call that follow each other and have the same action: any of them decides alike.
  struct Group: Hashable {
    var action: SeccompAction
    /// Alternatives, each a conjunction; one empty conjunction alone for "always".
    var alternatives: [[SeccompCondition]]
    var isUnconditional: Bool { alternatives == [[]] }
  }

  let architecture: SeccompArchitecture
  let defaultAction: SeccompAction
  /// For each number, its entry and the groups in order; an unconditional group is the last.
  let calls: [UInt32: (entry: Entry, groups: [Group])]

  init(_ policy: SeccompPolicy, _ architecture: SeccompArchitecture) throws(Fault) {
    var calls: [UInt32: (entry: Entry, groups: [Group])] = [:]
    for rule in policy.rules {
      let conditions = rule.conditions.filter { !$0.isAlwaysTrue }
      for name in rule.names {
        guard let entry = try Self.entry(name, rule, policy, architecture) else { continue }
        // A rule that can't match has had its name checked, and that is all.
        if conditions.contains(where: \.isNeverTrue) { continue }
        var groups = calls[entry.number]?.groups ?? []
        Self.append(rule.action, conditions, to: &groups)
        calls[entry.number] = (entry, groups)
      }
    }
    self.architecture = architecture
    defaultAction = policy.defaultAction
    self.calls = calls
  }

  /// What the policy says of a call of this architecture.
  func action(number: UInt32, arguments: [UInt64]) -> SeccompAction {
    for group in calls[number]?.groups ?? [] {
      for conditions in group.alternatives
      where conditions.allSatisfy({ $0.holds(of: arguments[Int($0.argument)]) }) {
        return group.action
      }
    }
    return defaultAction
  }

  private static func entry(
    _ name: String, _ rule: SeccompRule, _ policy: SeccompPolicy, _ architecture: SeccompArchitecture
  ) throws(Fault) -> Entry? {
    switch try SystemCallTable.entry(name, architecture) {
    case .absent: return nil
    case .library(let number): return Entry(name: name, number: UInt32(bitPattern: number))
    case .recent(let number):
      if architecture == .native { return Entry(name: name, number: number) }
      // libseccomp finds a foreign architecture's number by name only. Leaving such a call to a default that refuses
      // it is safe; leaving it to one that allows it isn't.
      if policy.defaultAction.letsCallHappen, !rule.action.letsCallHappen {
        throw Fault(
          .invalidSeccompPolicy,
          "this libseccomp is too old to refuse \(name) on \(architecture.rawValue)",
          mend: "take that architecture out of the profile, or make its default action an errno")
      }
      return nil
    }
  }

  private static func append(
    _ action: SeccompAction, _ conditions: [SeccompCondition], to groups: inout [Group]
  ) {
    let count = groups.count
    if count > 0, groups[count - 1].isUnconditional { return }
    if count > 0, groups[count - 1].action == action {
      if conditions.isEmpty {
        groups[count - 1].alternatives = [[]]
      } else if !groups[count - 1].alternatives.contains(conditions) {
        groups[count - 1].alternatives.append(conditions)
      }
    } else {
      groups.append(Group(action: action, alternatives: [conditions]))
    }
  }
}

/// One filter for libseccomp to make: rules whose order doesn't matter.
struct SeccompLayer {
  struct Rule {
    var entries: [ResolvedSeccompPolicy.Entry]
    var returnValue: UInt32
    var conditions: [SeccompCondition]
  }
  var rules: [Rule] = []
  /// What calls get that no rule of this layer decides.
  var fallback: UInt32
}

extension ResolvedSeccompPolicy {
  /// Cuts the policy into layers: the first decides every call with one group and passes the others on; layer n
  /// holds the others' nth groups.
  func layers() -> [SeccompLayer] {
    var first = SeccompLayer(fallback: defaultAction.returnValue)
    var others: [SeccompLayer] = []
    for number in calls.keys.sorted() {
      guard let (entry, groups) = calls[number] else { continue }
      if groups.count == 1 {
        first.rules += Self.rules(entry, groups[0])
        continue
      }
      first.rules.append(
        SeccompLayer.Rule(entries: [entry], returnValue: SeccompLinker.nextLayer, conditions: []))
      for (depth, group) in groups.enumerated() {
        if others.count == depth { others.append(SeccompLayer(fallback: SeccompLinker.nextLayer)) }
        others[depth].rules += Self.rules(entry, group)
      }
    }
    if !others.isEmpty { others[others.count - 1].fallback = defaultAction.returnValue }
    return [first] + others
  }

  private static func rules(_ entry: Entry, _ group: Group) -> [SeccompLayer.Rule] {
    group.alternatives.map {
      SeccompLayer.Rule(entries: [entry], returnValue: group.action.returnValue, conditions: $0)
    }
  }
}

extension SeccompAction {
  var letsCallHappen: Bool { self == .allow || self == .log }
}

extension SeccompCondition {
  var isAlwaysTrue: Bool {
    switch comparison {
    case .maskedEqual(mask: 0): true
    case .greaterOrEqual: value == 0
    case .lessOrEqual: value == .max
    default: false
    }
  }
  var isNeverTrue: Bool {
    switch comparison {
    case .less: value == 0
    case .greater: value == .max
    default: false
    }
  }
}
