import Faults
import Testing

@testable import Sandbox

/// A small deterministic generator (SplitMix64), so that a failure can be repeated.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

@Suite("Seccomp filters mean what their policies say")
struct SeccompPropertyTests {
  private static let names = [
    "read", "write", "openat", "ioctl", "socket", "clone", "mount", "personality", "mmap", "execve", "kill",
    "futex",
    "prctl", "fcntl", "madvise", "statx", "mseal", "getxattrat", "waitpid", "chown32", "arm_fadvise64_64",
  ]

  /// The policy's meaning in its plainest form, written apart from the compiler's tables.
  private func meaning(_ policy: SeccompPolicy, _ name: String, _ arguments: [UInt64]) -> SeccompAction {
    let decides = policy.rules.first { rule in
      rule.names.contains(name) && rule.conditions.allSatisfy { $0.holds(of: arguments[Int($0.argument)]) }
    }
    return decides?.action ?? policy.defaultAction
  }

  private func value(_ random: inout SeededGenerator) -> UInt64 {
    switch Int.random(in: 0..<6, using: &random) {
    case 0: UInt64.random(in: 0...3, using: &random)
    case 1: UInt64(UInt32.max) &+ UInt64.random(in: 0...3, using: &random) &- 2
    case 2: UInt64.max &- UInt64.random(in: 0...2, using: &random)
    case 3: 1 << UInt64.random(in: 0...63, using: &random)
    case 4: UInt64(UInt32.random(in: .min ... .max, using: &random))
    default: UInt64.random(in: .min ... .max, using: &random)
    }
  }

  private func condition(_ argument: UInt8, _ random: inout SeededGenerator) -> SeccompCondition {
    let comparisons: [SeccompCondition.Comparison] = [
      .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .maskedEqual(mask: 0xFFFF_FFFF),
      .maskedEqual(mask: value(&random)),
    ]
    return SeccompCondition(
      argument: argument, comparisons.randomElement(using: &random) ?? .equal, value(&random))
  }

  private func policy(_ random: inout SeededGenerator) -> SeccompPolicy {
    let actions: [SeccompAction] = [.allow, .errno(1), .errno(38), .log, .trap, .killThread, .killProcess]
    var policy = SeccompPolicy(defaultAction: actions.randomElement(using: &random) ?? .allow)
    for _ in 0..<Int.random(in: 1...24, using: &random) {
      let count = Int.random(in: 1...4, using: &random)
      var conditions: [SeccompCondition] = []
      if Bool.random(using: &random) {
        for argument in Set(
          (0..<Int.random(in: 1...2, using: &random)).map { _ in UInt8.random(in: 0...5, using: &random) })
        {
          conditions.append(condition(argument, &random))
        }
      }
      policy.rules.append(
        SeccompRule(
          Array(Self.names.shuffled(using: &random).prefix(count)),
          actions.randomElement(using: &random) ?? .allow,
          when: conditions))
    }
    return policy
  }

  @Test func `random policies and their programs agree on random calls`() throws {
    var random = SeededGenerator(state: 0x5ECC_0DE)
    let audit = SeccompArchitecture.native.auditArchitecture
    var compiled = 0
    var tried = 0
    for _ in 0..<250 {
      let policy = policy(&random)
      let filter: SeccompFilter
      do throws(Fault) { filter = try SeccompCompiler.compile(policy) } catch {
        // libseccomp can't merge some overlapping comparisons; the verifier must have said so, and nothing else.
        #expect(error.code == .seccompCompilationFailed)
        continue
      }
      compiled += 1
      let limits = policy.rules.flatMap { $0.conditions.map(\.value) }
      for _ in 0..<200 {
        guard let name = Self.names.randomElement(using: &random) else { continue }
        let number: UInt32
        switch try SystemCallTable.entry(name, .native) {
        case .absent: continue
        case .library(let found): number = UInt32(bitPattern: found)
        case .recent(let found): number = found
        }
        let arguments = (0..<6).map { _ in
          if Bool.random(using: &random), let limit = limits.randomElement(using: &random) {
            return limit &+ UInt64.random(in: 0...2, using: &random) &- 1
          }
          return value(&random)
        }
        let attempt = SystemCallAttempt(number: number, auditArchitecture: audit, arguments: arguments)
        #expect(
          filter.instructions.evaluate(attempt) == meaning(policy, name, arguments).returnValue,
          "\(name) \(arguments) under \(policy)")
        tried += 1
      }
    }
    #expect(compiled > 100)
    #expect(tried > 10_000)
  }

  @Test func `calls that no rule names get the default, whatever their number`() throws {
    let policy = SeccompPolicy(defaultAction: .trap, rules: [SeccompRule(["read"], .allow)])
    let filter = try SeccompCompiler.compile(policy)
    var random = SeededGenerator(state: 7)
    guard case .library(let read) = try SystemCallTable.entry("read", .native) else { return }
    for _ in 0..<20_000 {
      let number = UInt32.random(in: 0..<0x4000_0000, using: &random)
      let attempt = SystemCallAttempt(
        number: number, auditArchitecture: SeccompArchitecture.native.auditArchitecture)
      let expected: SeccompAction = number == UInt32(bitPattern: read) ? .allow : .trap
      #expect(filter.instructions.evaluate(attempt) == expected.returnValue)
    }
  }
}
