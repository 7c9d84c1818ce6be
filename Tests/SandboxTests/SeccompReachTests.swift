import Testing

@testable import Sandbox

@Suite("What a filter lets through")
struct SeccompReachTests {
  private func answer(_ policy: SeccompPolicy, _ name: String, _ arguments: [UInt64] = []) throws -> UInt32? {
    let number = try #require(SystemCallNames.native.firstIndex(of: name))
    return try SeccompCompiler.compile(policy).instructions.evaluate(
      SystemCallAttempt(
        number: UInt32(number), auditArchitecture: SeccompArchitecture.native.auditArchitecture, arguments: arguments))
  }

  private let allow = SeccompAction.allow.returnValue
  private let log = SeccompAction.log.returnValue

  @Test func `names and numbers agree with the table, the newest included`() throws {
    for (number, name) in SystemCallNames.native.enumerated() {
      guard let name else { continue }
      switch try SystemCallTable.entry(name, .native) {
      case .library(let known): #expect(Int(known) == number, "\(name)")
      case .recent(let known): #expect(Int(known) == number, "\(name)")
      case .absent: Issue.record("\(name) is said to be absent")
      }
    }
    #expect(SystemCallNames.native.contains("mseal") && SystemCallNames.native.contains("openat"))
  }

  @Test func `only keeps the profile's conditions, and its refusals by name`() throws {
    let policy = SeccompPolicy.standard().restricted(to: ["execve", "read", "ioctl", "clone", "mount"])
    #expect(try answer(policy, "read") == allow)
    #expect(try answer(policy, "write") == SeccompAction.errno(38).returnValue)
    #expect(try answer(policy, "ioctl", [0, 0x5401]) == allow)
    #expect(try answer(policy, "ioctl", [0, 0x5412]) == SeccompAction.errno(1).returnValue)
    #expect(try answer(policy, "clone", [0x1000_0011]) == SeccompAction.errno(1).returnValue)
    // Naming it doesn't allow what the profile refuses.
    #expect(try answer(policy, "mount") == SeccompAction.errno(1).returnValue)
    #expect(try answer(policy, "bpf") == SeccompAction.errno(1).returnValue)
    #expect(policy.allowedCalls == ["execve", "read", "ioctl", "clone"])
  }

  @Test func `only makes an allow-list of a profile that allows by default`() throws {
    let open = SeccompPolicy(defaultAction: .allow, rules: [SeccompRule(["mount"], .errno(1))])
    #expect(open.allowedCalls.contains("bpf") && !open.allowedCalls.contains("mount"))
    let policy = open.restricted(to: ["execve", "mount"])
    #expect(try answer(policy, "execve") == allow)
    #expect(try answer(policy, "read") == SeccompAction.errno(38).returnValue)
    #expect(try answer(policy, "mount") == SeccompAction.errno(1).returnValue)
    #expect(policy.allowedCalls == ["execve"])
  }

  @Test func `a narrowed policy never lets a call happen that the whole one refuses`() throws {
    let whole = SeccompPolicy.standard()
    let names = whole.allowedCalls.sorted().enumerated().filter { $0.offset % 3 == 0 }.map(\.element)
    let wide = try SeccompCompiler.compile(whole).instructions
    let narrow = try SeccompCompiler.compile(whole.restricted(to: names)).instructions
    for number in UInt32(0)..<512 {
      for arguments in [[], [1, 0x5412, 9], [16, 3, 9], [0x1000_0000, 2, 3]] as [[UInt64]] {
        let attempt = SystemCallAttempt(
          number: number, auditArchitecture: SeccompArchitecture.native.auditArchitecture, arguments: arguments)
        if narrow.evaluate(attempt) == allow { #expect(wide.evaluate(attempt) == allow) }
      }
    }
  }

  @Test func `log mode refuses nothing, and logs just what would be refused`() throws {
    let policy = SeccompPolicy.standard().logging
    #expect(try answer(policy, "read") == allow)
    #expect(try answer(policy, "mount") == log)
    #expect(try answer(policy, "io_uring_setup") == log)
    #expect(try answer(policy, "ioctl", [0, 0x5412]) == log)
    #expect(try answer(policy, "ioctl", [0, 0x5401]) == allow)
    let filter = try SeccompCompiler.compile(policy).instructions
    for audit in [0x4000_0003, 0xC000_003E, 0xC000_00B7, 0] as [UInt32] {
      for number in [0, 11, 165, 0x4000_0000, 5000] as [UInt32] {
        let result = filter.evaluate(SystemCallAttempt(number: number, auditArchitecture: audit))
        #expect(result == allow || result == log)
      }
    }
  }

  @Test func `the default profile's own calls are those of its groups`() {
    let calls = SeccompPolicy.standard().allowedCalls
    #expect(calls.isSuperset(of: ["read", "execve", "ioctl", "clone", "socket", "personality"]))
    #expect(calls.isDisjoint(with: ["mount", "bpf", "clone3", "chroot", "io_uring_setup"]))
    #expect(SeccompPolicy.standard(capabilities: [.sysChroot]).allowedCalls.contains("chroot"))
  }

  @Test func `whatever a policy says of ioctl, new subvolumes are refused where they are to be`() throws {
    let standard = SeccompPolicy.standard()
    let policies = [
      standard, standard.overridden(allow: ["ioctl"], deny: []), standard.restricted(to: ["execve"]),
      SeccompPolicy(defaultAction: .allow, rules: []),
    ]
    let refused = SeccompAction.errno(1).returnValue
    for policy in policies {
      let before = try answer(policy, "ioctl", [0, 0x5401])
      for command in [0x5000_9401, 0x5000_940E, 0x5000_9417, 0x5000_9418, 0xDEAD_5000_940E] as [UInt64] {
        #expect(try answer(policy.refusingNewSubvolumes, "ioctl", [0, command]) == refused)
      }
      #expect(try answer(policy.refusingNewSubvolumes, "ioctl", [0, 0x5401]) == before)
      // Cloning a file makes no subvolume.
      #expect(try answer(policy.refusingNewSubvolumes, "ioctl", [0, 0x4004_9409]) == before)
    }
    #expect(try answer(standard, "ioctl", [0, 0x5000_940E]) == allow)
  }
}
