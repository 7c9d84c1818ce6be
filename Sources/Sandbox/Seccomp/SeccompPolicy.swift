import Faults

/// Which system calls a process may make, as a plain value; `SeccompCompiler` turns it into a kernel program.
///
/// The rules that name a call are tried **in order and the first whose conditions all hold decides**; a call for
/// which none does gets ``defaultAction``. (libseccomp by itself has no order: there an unconditional rule silently
/// swallows every conditional one for the same call.)
public struct SeccompPolicy: Hashable, Sendable {
  /// What happens to a call that no rule decides.
  public var defaultAction: SeccompAction
  /// The rules, in the order in which they are tried.
  public var rules: [SeccompRule]
  /// Architectures whose calls are judged by the rules, besides the machine's own.
  public var additionalArchitectures: Set<SeccompArchitecture>
  /// What happens to a call of any other architecture, such as `int 0x80` on x86-64.
  ///
  /// Killing is the default: a 32-bit program under an errno could not even call exit, and would run on.
  public var foreignArchitectureAction: SeccompAction
  /// Flags for seccomp(2).
  public var flags: SeccompFlags

  /// Names a policy.
  public init(
    defaultAction: SeccompAction, rules: [SeccompRule] = [],
    additionalArchitectures: Set<SeccompArchitecture> = [],
    foreignArchitectureAction: SeccompAction = .killProcess, flags: SeccompFlags = []
  ) {
    self.defaultAction = defaultAction
    self.rules = rules
    self.additionalArchitectures = additionalArchitectures
    self.foreignArchitectureAction = foreignArchitectureAction
    self.flags = flags
  }

  /// Checks that a name is a system call of some architecture, so that a policy file can be told where one isn't.
  ///
  /// - Parameter position: where a person wrote the name.
  /// - Throws: ``Faults/Fault`` `seccomp.unknown-system-call`, with the likely name where there is one.
  public static func check(systemCall name: String, position: Fault.Position? = nil) throws(Fault) {
    do throws(Fault) { _ = try SystemCallTable.entry(name, .native) } catch {
      var placed = error
      placed.position = position
      throw placed
    }
  }

  /// The policy with some calls allowed, and others answered with EPERM, whatever its own rules say of them.
  ///
  /// A name in both lists is denied.
  public func overridden(allow: [String], deny: [String]) -> SeccompPolicy {
    var policy = self
    var first: [SeccompRule] = []
    if !deny.isEmpty { first.append(SeccompRule(deny, .errno(1))) }
    if !allow.isEmpty { first.append(SeccompRule(allow, .allow)) }
    policy.rules = first + rules
    return policy
  }
}

/// Calls by name and what happens to them.
public struct SeccompRule: Hashable, Sendable {
  /// The calls' names as in syscalls(2).
  public var names: [String]
  /// What happens.
  public var action: SeccompAction
  /// What must hold of the arguments; at most one condition for each argument. Empty: any call.
  public var conditions: [SeccompCondition]

  /// Names a rule.
  public init(_ names: [String], _ action: SeccompAction, when conditions: [SeccompCondition] = []) {
    self.names = names
    self.action = action
    self.conditions = conditions
  }
}

/// What a filter can do with a call; see seccomp(2).
public enum SeccompAction: Hashable, Sendable {
  /// The call is made.
  case allow
  /// The call is made, and logged.
  case log
  /// The call is not made and gives this error number, 0…4095 (0 pretends success).
  case errno(UInt16)
  /// The call is not made and the thread gets SIGSYS, which it may catch.
  case trap
  /// The thread dies.
  case killThread
  /// The process dies of SIGSYS.
  case killProcess

  /// The filter's return value, as in `linux/seccomp.h`.
  public var returnValue: UInt32 {
    switch self {
    case .allow: 0x7FFF_0000
    case .log: 0x7FFC_0000
    case .errno(let number): 0x0005_0000 | UInt32(number)
    case .trap: 0x0003_0000
    case .killThread: 0x0000_0000
    case .killProcess: 0x8000_0000
    }
  }
}

/// A comparison of one 64-bit argument, unsigned.
public struct SeccompCondition: Hashable, Sendable {
  /// How an argument is compared.
  public enum Comparison: Hashable, Sendable {
    case notEqual, less, lessOrEqual, equal, greaterOrEqual, greater
    /// Equal in the bits of the mask.
    case maskedEqual(mask: UInt64)
  }

  /// The argument, counted from 0 to 5.
  public var argument: UInt8
  /// How it is compared.
  public var comparison: Comparison
  /// With what.
  public var value: UInt64

  /// Names a condition.
  public init(argument: UInt8, _ comparison: Comparison, _ value: UInt64) {
    self.argument = argument
    self.comparison = comparison
    self.value = value
  }

  /// The argument's **low 32 bits** equal `value`.
  ///
  /// This is how an `int` argument must be compared: the kernel ignores the upper half of its register, so a filter
  /// that looks at all 64 bits is passed by setting one of them (CVE-2019-10063, CVE-2023-28100).
  public static func low32(_ argument: UInt8, equals value: UInt32) -> SeccompCondition {
    SeccompCondition(argument: argument, .maskedEqual(mask: 0xFFFF_FFFF), UInt64(value))
  }

  /// None of these bits is set.
  public static func clear(_ argument: UInt8, bits mask: UInt64) -> SeccompCondition {
    SeccompCondition(argument: argument, .maskedEqual(mask: mask), 0)
  }

  /// Whether the condition holds of an argument.
  public func holds(of argument: UInt64) -> Bool {
    switch comparison {
    case .notEqual: argument != value
    case .less: argument < value
    case .lessOrEqual: argument <= value
    case .equal: argument == value
    case .greaterOrEqual: argument >= value
    case .greater: argument > value
    case .maskedEqual(let mask): argument & mask == value & mask
    }
  }
}

/// Flags of seccomp(2)'s SECCOMP_SET_MODE_FILTER.
public struct SeccompFlags: OptionSet, Hashable, Sendable {
  /// The bits as in `linux/seccomp.h`.
  public let rawValue: UInt32
  /// Wraps bits.
  public init(rawValue: UInt32) { self.rawValue = rawValue }
  /// SECCOMP_FILTER_FLAG_LOG: actions other than allow are logged.
  public static let log = SeccompFlags(rawValue: 2)
  /// SECCOMP_FILTER_FLAG_SPEC_ALLOW: no mitigation of speculative store bypass.
  public static let speculationAllowed = SeccompFlags(rawValue: 4)
}
