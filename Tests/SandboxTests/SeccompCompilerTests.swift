import Faults
import Testing

@testable import Sandbox

@Suite("Seccomp compiler")
struct SeccompCompilerTests {
  private static let native = SeccompArchitecture.native.auditArchitecture

  private func answer(
    _ filter: SeccompFilter, _ name: String, _ arguments: [UInt64] = []
  ) throws -> UInt32? {
    guard case .library(let number) = try SystemCallTable.entry(name, .native) else { return nil }
    return filter.instructions.evaluate(
      SystemCallAttempt(
        number: UInt32(bitPattern: number), auditArchitecture: Self.native, arguments: arguments))
  }

  @Test func `the standard policy compiles for every set of capabilities`() throws {
    for capabilities in Capability.allCases.map({ [$0] }) + [[], Set(Capability.allCases)]
      as [Set<Capability>]
    {
      let filter = try SeccompCompiler.compile(.standard(capabilities: capabilities))
      #expect((100...BPFInstruction.maximumCount).contains(filter.instructions.count))
      #expect(filter.bytes.count == filter.instructions.count * 8)
      #expect(BPFInstruction.decode(filter.bytes) == filter.instructions)
    }
  }

  @Test func `no capability brings back a call that the standard policy refuses`() throws {
    let filter = try SeccompCompiler.compile(.standard(capabilities: Set(Capability.allCases)))
    for name in SystemCallGroups.refused.flatMap(\.names) {
      guard let result = try answer(filter, name) else { continue }
      #expect(result == SeccompAction.errno(1).returnValue, "\(name)")
    }
    #expect(try answer(filter, "clone3") == SeccompAction.errno(38).returnValue)
    #expect(try answer(filter, "clone", [0x1000_0011]) == SeccompAction.errno(1).returnValue)
    #expect(try answer(filter, "chroot") == SeccompAction.allow.returnValue)
  }

  @Test func `every name of the standard policy is a system call and stands in one group only`() throws {
    var seen: Set<String> = []
    let conditional = [
      "ioctl", "clone", "personality", "setrlimit", "prlimit64", "mmap", "memfd_create", "socket", "socketpair",
    ]
    let groups = SystemCallGroups.allowed + SystemCallGroups.refused
    let names =
      groups.flatMap(\.names) + SystemCallGroups.absent + SystemCallGroups.withCapability.flatMap(\.1)
      + conditional
    for name in names {
      for architecture in SeccompArchitecture.allCases { _ = try SystemCallTable.entry(name, architecture) }
      #expect(seen.insert(name).inserted, "\(name) stands in two groups")
    }
  }

  @Test func `an int argument is compared by its low 32 bits, whatever the upper half holds`() throws {
    let filter = try SeccompCompiler.compile(.standard())
    for high in [0, 1 << 32, 1 << 63, 0xFFFF_FFFF << 32] as [UInt64] {
      for command in [0x5412, 0x541C, 0x5423] as [UInt64] {
        #expect(try answer(filter, "ioctl", [0, high | command]) == SeccompAction.errno(1).returnValue)
      }
      #expect(try answer(filter, "ioctl", [0, high | 0x5413]) == SeccompAction.allow.returnValue)
      #expect(try answer(filter, "socket", [high | 40]) == SeccompAction.errno(97).returnValue)
      #expect(try answer(filter, "socket", [high | 2, 1]) == SeccompAction.allow.returnValue)
      #expect(try answer(filter, "socket", [high | 16, 3, high | 9]) == SeccompAction.errno(22).returnValue)
      #expect(try answer(filter, "socket", [high | 16, 3, high | 15]) == SeccompAction.allow.returnValue)
      let modules: [(family: UInt64, number: UInt64)] = [(2, 33), (2, 115), (2, 132), (10, 132), (2, 256), (16, 12)]
      for module in modules {
        let refused = try answer(filter, "socket", [high | module.family, 1, high | module.number])
        #expect(refused == SeccompAction.errno(93).returnValue)
      }
      #expect(try answer(filter, "personality", [high | 0xFFFF_FFFF]) == SeccompAction.allow.returnValue)
      #expect(try answer(filter, "personality", [high | 0x40000]) == SeccompAction.errno(1).returnValue)
    }
  }

  @Test func `the limit of core dumps can be read and not be set, other limits can`() throws {
    let filter = try SeccompCompiler.compile(.standard())
    for high in [0, 1 << 32] as [UInt64] {
      #expect(try answer(filter, "setrlimit", [high | 4, 1]) == SeccompAction.errno(0).returnValue)
      #expect(try answer(filter, "prlimit64", [0, high | 4, 1 << 40, 0]) == SeccompAction.errno(0).returnValue)
      #expect(try answer(filter, "prlimit64", [0, high | 4, 0, 1]) == SeccompAction.allow.returnValue)
      #expect(try answer(filter, "prlimit64", [0, high | 7, 1, 1]) == SeccompAction.allow.returnValue)
    }
  }

  @Test func `there are no huge pages for a tenant`() throws {
    let filter = try SeccompCompiler.compile(.standard())
    let none = SeccompAction.errno(12).returnValue
    #expect(try answer(filter, "mmap", [0, 1 << 21, 3, 0x22]) == SeccompAction.allow.returnValue)
    #expect(try answer(filter, "mmap", [0, 1 << 21, 3, 0x40022]) == none)
    // With a size of the pages, and with a bit beyond the 32 that count elsewhere.
    #expect(try answer(filter, "mmap", [0, 1 << 30, 3, 1 << 40 | 30 << 26 | 0x40022]) == none)
    #expect(try answer(filter, "memfd_create", [0, 3]) == SeccompAction.allow.returnValue)
    #expect(try answer(filter, "memfd_create", [0, 7]) == none)
  }

  @Test func `calls of a foreign architecture are killed`() throws {
    let filter = try SeccompCompiler.compile(.standard())
    for audit in [0x4000_0003, 0x4000_0028, 0, 0xFFFF_FFFF] as [UInt32] {
      let attempt = SystemCallAttempt(number: 1, auditArchitecture: audit)
      #expect(filter.instructions.evaluate(attempt) == SeccompAction.killProcess.returnValue)
    }
    if SeccompArchitecture.native == .x86_64 {
      let x32 = SystemCallAttempt(number: 0x4000_0001, auditArchitecture: Self.native)
      #expect(filter.instructions.evaluate(x32) == SeccompAction.killProcess.returnValue)
    }
  }

  @Test func `the arm64 names of the standard policy are those of its own table`() throws {
    // The tables of libseccomp know every architecture, so arm64 is checked on any machine.
    let table = try ResolvedSeccompPolicy(.standard(), .aarch64)
    #expect(table.action(number: 56, arguments: [0, 0, 0, 0, 0, 0]) == .allow)  // openat
    #expect(table.action(number: 40, arguments: [0, 0, 0, 0, 0, 0]) == .errno(1))  // mount
    #expect(table.action(number: 220, arguments: [0x11, 0, 0, 0, 0, 0]) == .allow)  // clone
    #expect(table.action(number: 220, arguments: [0x1000_0011, 0, 0, 0, 0, 0]) == .errno(1))
    #expect(table.action(number: 435, arguments: [0, 0, 0, 0, 0, 0]) == .errno(38))  // clone3
    #expect(try SystemCallTable.entry("open", .aarch64) == .absent)
    #expect(try SystemCallTable.entry("uretprobe", .aarch64) == .absent)
  }

  @Test func `a name that no architecture has is an error with the likely name`() {
    for (name, hint) in [("opnat", "openat"), ("mountt", "mount"), ("clone33", "clone3")] {
      let fault = #expect(throws: Fault.self) {
        try SeccompCompiler.compile(
          SeccompPolicy(defaultAction: .allow, rules: [SeccompRule([name], .errno(1))]))
      }
      #expect(fault?.code == .unknownSystemCall)
      #expect(fault?.mend == "did you mean \(hint)?")
    }
    for name in ["", "open\u{0}at", "OPENAT", " open", "-1", "0", String(repeating: "a", count: 100_000)] {
      let fault = #expect(throws: Fault.self) { try SystemCallTable.entry(name, .native) }
      #expect(fault?.code == .unknownSystemCall)
      #expect((fault?.description.utf8.count ?? .max) < 300)
    }
  }

  @Test func `a name can be checked where it stands`() throws {
    let position = Fault.Position(file: "web.yaml", line: 7, column: 12)
    let fault = #expect(throws: Fault.self) {
      try SeccompPolicy.check(systemCall: "mountt", position: position)
    }
    #expect(fault?.position == position)
    for name in ["mount", "waitpid", "riscv_hwprobe", "mseal"] { try SeccompPolicy.check(systemCall: name) }
  }

  @Test func `a policy that a filter can't express is refused, not bent`() {
    let condition = SeccompCondition(argument: 0, .greater, 1)
    let bad: [SeccompRule] = [
      SeccompRule([], .allow),
      SeccompRule(["read"], .errno(4096)),
      SeccompRule(["read"], .allow, when: [SeccompCondition(argument: 6, .equal, 1)]),
      SeccompRule(["read"], .allow, when: [condition, SeccompCondition(argument: 0, .less, 9)]),
      SeccompRule([String](repeating: "read", count: 20_000), .allow),
    ]
    for rule in bad {
      let fault = #expect(throws: Fault.self) {
        try SeccompCompiler.compile(SeccompPolicy(defaultAction: .errno(1), rules: [rule]))
      }
      #expect(fault?.code == .invalidSeccompPolicy)
    }
  }

  @Test func `more conditions than a program can hold are refused`() {
    let rules = (0..<3000).map {
      SeccompRule(["read"], .allow, when: [SeccompCondition(argument: 0, .equal, UInt64($0) << 31 | 7)])
    }
    let fault = #expect(throws: Fault.self) {
      try SeccompCompiler.compile(SeccompPolicy(defaultAction: .errno(1), rules: rules))
    }
    #expect(fault?.code == .seccompCompilationFailed)
  }

  @Test func `allow and deny lists win over the standard policy, and deny over allow`() throws {
    let policy = SeccompPolicy.standard().overridden(
      allow: ["io_uring_setup", "read", "clone"], deny: ["read", "socket"])
    let filter = try SeccompCompiler.compile(policy)
    #expect(try answer(filter, "io_uring_setup") == SeccompAction.allow.returnValue)
    #expect(try answer(filter, "io_uring_enter") == SeccompAction.errno(1).returnValue)
    #expect(try answer(filter, "read") == SeccompAction.errno(1).returnValue)
    #expect(try answer(filter, "socket", [1]) == SeccompAction.errno(1).returnValue)
    #expect(try answer(filter, "clone", [0x1000_0011]) == SeccompAction.allow.returnValue)
  }

  @Test func `a program that lets one more call through doesn't pass verification`() throws {
    let policy = SeccompPolicy.standard()
    let program = try SeccompCompiler.compile(policy).instructions
    let tables = [try ResolvedSeccompPolicy(policy, .native)]
    try SeccompVerifier.verify(program, against: tables, policy)
    var random = SeededGenerator(state: 3)
    var caught = 0
    for index in program.indices where program[index].code == BPFInstruction.returnConstant {
      var weakened = program
      let wasAllowed = program[index].constant == SeccompAction.allow.returnValue
      weakened[index].constant = (wasAllowed ? SeccompAction.errno(1) : .allow).returnValue
      do throws(Fault) {
        try SeccompVerifier.verify(weakened, against: tables, policy)
        // Then nothing may reach the instruction: libseccomp leaves some behind.
        for _ in 0..<20_000 {
          let attempt = SystemCallAttempt(
            number: UInt32.random(in: 0..<600, using: &random), auditArchitecture: Self.native,
            arguments: (0..<6).map { _ in UInt64.random(in: 0...100, using: &random) })
          #expect(program.evaluate(attempt) == weakened.evaluate(attempt), "instruction \(index)")
        }
      } catch {
        #expect(error.code == .seccompCompilationFailed)
        caught += 1
      }
    }
    #expect(caught >= 10)
  }

  @Test func `the summary names every call once and hides what an earlier rule decided`() {
    let lines = SeccompPolicy.standard().overridden(allow: [], deny: ["ptrace"]).summary
    #expect(lines.contains { $0.contains("refused with EPERM") && $0.contains(" ptrace ") })
    #expect(!lines.contains { $0.hasSuffix("allowed") && $0.contains("ptrace") })
    #expect(lines.contains("ioctl when argument 1 (32 bits) is 0x5412: refused with EPERM"))
    #expect(lines.first == "calls without a rule: refused with ENOSYS")
  }
}
