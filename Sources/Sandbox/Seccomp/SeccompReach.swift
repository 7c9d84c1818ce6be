import CSeccomp
import Glibc

extension SeccompPolicy {
  /// The machine's own calls that the policy lets happen, with some arguments at least.
  ///
  /// Names that the machine doesn't have are left out.
  public var allowedCalls: Set<String> {
    var allowed: Set<String> = []
    var decided: Set<String> = []
    for rule in rules {
      for name in rule.names where !decided.contains(name) {
        if rule.conditions.isEmpty { decided.insert(name) }
        if rule.action.letsCallHappen { allowed.insert(name) }
      }
    }
    if defaultAction.letsCallHappen {
      allowed.formUnion(SystemCallNames.native.compactMap { $0 }.filter { !decided.contains($0) })
    }
    return allowed.intersection(SystemCallNames.native.compactMap { $0 })
  }

  /// The policy with everything refused that isn't named: of the calls that its rules let happen, only these, under the
  /// conditions that its rules have for them.
  ///
  /// What the rules refuse by name they refuse as before, so a program meets the errors that it knows; the others get
  /// the default action, or ENOSYS where that would let them happen.
  public func restricted(to only: [String]) -> SeccompPolicy {
    let kept = Set(only)
    var policy = self
    policy.rules = rules.compactMap { rule in
      guard rule.action.letsCallHappen else { return rule }
      var narrowed = rule
      narrowed.names = rule.names.filter(kept.contains)
      return narrowed.names.isEmpty ? nil : narrowed
    }
    if defaultAction.letsCallHappen {
      policy.rules.append(SeccompRule(only, defaultAction))
      policy.defaultAction = .errno(38)
    }
    return policy
  }

  /// The policy that lets everything happen, and has the kernel log what this one would refuse.
  public var logging: SeccompPolicy {
    var policy = self
    policy.defaultAction = defaultAction.logged
    policy.foreignArchitectureAction = foreignArchitectureAction.logged
    policy.rules = rules.map { SeccompRule($0.names, $0.action.logged, when: $0.conditions) }
    return policy
  }
}

extension SeccompAction {
  fileprivate var logged: SeccompAction { letsCallHappen ? self : .log }
}

/// The machine's system calls by number.
public enum SystemCallNames {
  /// Names at their numbers; nil for a number without a call.
  public static let native: [String?] = {
    var names = [String?](repeating: nil, count: 512)
    for number in names.indices {
      if let text = seccomp_syscall_resolve_num_arch(SeccompArchitecture.native.token, Int32(number)) {
        names[number] = String(cString: text)
        free(text)
      } else {
        names[number] = SystemCallTable.recentName(of: UInt32(number))
      }
    }
    return names
  }()
}
