import Faults
import Testing

@testable import Sandbox

@Suite("OCI seccomp profiles")
struct SeccompProfileTests {
  private static let host = OCISeccompProfile.Host(kernel: .init(6, 1), capabilities: [])

  private func profile(_ text: String) throws(Fault) -> OCISeccompProfile {
    try OCISeccompProfile(json: Array(text.utf8), file: "p.json")
  }

  private func rules(_ syscalls: String, _ host: OCISeccompProfile.Host = host) throws(Fault) -> [SeccompRule] {
    try profile(#"{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [\#(syscalls)]}"#).policy(on: host).rules
  }

  private static let engineStyle = """
    {
    \t"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38, "defaultErrno": "ENOSYS",
    \t"archMap": [
    \t\t{"architecture": "SCMP_ARCH_X86_64", "subArchitectures": ["SCMP_ARCH_X86", "SCMP_ARCH_X32"]},
    \t\t{"architecture": "SCMP_ARCH_AARCH64", "subArchitectures": ["SCMP_ARCH_ARM"]},
    \t\t{"architecture": "SCMP_ARCH_S390X", "subArchitectures": ["SCMP_ARCH_S390"]}
    \t],
    \t"syscalls": [
    \t\t{"names": ["read", "write", "exit_group", "waitpid", "s390_pci_mmio_read", "mseal"], "action": "SCMP_ACT_ALLOW",
    \t\t "args": [], "comment": "", "includes": {}, "excludes": {}},
    \t\t{"names": ["ptrace"], "action": "SCMP_ACT_ALLOW", "args": null, "includes": {"minKernel": "4.8"}},
    \t\t{"names": ["clone"], "action": "SCMP_ACT_ALLOW", "excludes": {"caps": ["CAP_SYS_ADMIN"], "arches": ["s390x"]},
    \t\t "args": [{"index": 0, "value": 2114060288, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ"}]},
    \t\t{"names": ["mount"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1, "errno": "EPERM",
    \t\t "excludes": {"caps": ["CAP_SYS_ADMIN"]}},
    \t\t{"names": ["mount"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_SYS_ADMIN"]}}
    \t]
    }
    """

  @Test func `a profile in the engines' form compiles, with the architectures that it maps`() throws {
    let profile = try profile(Self.engineStyle)
    let plain = try profile.policy(on: Self.host)
    #expect(plain.defaultAction == .errno(38))
    #expect(plain.rules.contains(SeccompRule(["mount"], .errno(1))))
    #expect(!plain.rules.contains(SeccompRule(["mount"], .allow)))
    let admin = try profile.policy(on: .init(kernel: .init(4, 7), capabilities: [.sysAdmin]))
    #expect(admin.rules.contains(SeccompRule(["mount"], .allow)))
    #expect(!admin.rules.contains { $0.names == ["ptrace"] || $0.names == ["clone"] })
    let filter = try SeccompCompiler.compile(plain).instructions
    if SeccompArchitecture.native == .x86_64 {
      #expect(plain.additionalArchitectures == [.x86, .x32])
      // 32-bit read, mount and waitpid; x86-64 and x32 read; x32 mount; a stranger's read; mseal; a call of nobody's.
      let answers: [(UInt32, UInt32, SeccompAction)] = [
        (3, 0x4000_0003, .allow), (21, 0x4000_0003, .errno(1)), (7, 0x4000_0003, .allow),
        (0, 0xC000_003E, .allow), (0x4000_0000, 0xC000_003E, .allow), (0x4000_00A5, 0xC000_003E, .errno(1)),
        (0, 0xC000_00B7, .killProcess), (462, 0xC000_003E, .allow), (5000, 0x4000_0003, .errno(38)),
      ]
      for (number, audit, action) in answers {
        let attempt = SystemCallAttempt(number: number, auditArchitecture: audit)
        #expect(filter.evaluate(attempt) == action.returnValue, "\(number) of \(audit)")
      }
    }
  }

  @Test func `the strictest of several matching rules wins, in whatever order they stand`() throws {
    let allow = #"{"names": ["ioctl"], "action": "SCMP_ACT_ALLOW"}"#
    let deny =
      #"{"names": ["ioctl"], "action": "SCMP_ACT_KILL_PROCESS", "args": [{"index": 1, "value": 21522, "op": "SCMP_CMP_EQ"}]}"#
    for text in ["\(allow), \(deny)", "\(deny), \(allow)"] {
      let policy = SeccompPolicy(defaultAction: .errno(1), rules: try rules(text))
      let filter = try SeccompCompiler.compile(policy).instructions
      guard case .library(let number) = try SystemCallTable.entry("ioctl", .native) else { return }
      for (command, action) in [(21522, .killProcess), (21523, .allow)] as [(UInt64, SeccompAction)] {
        let attempt = SystemCallAttempt(
          number: UInt32(number), auditArchitecture: SeccompArchitecture.native.auditArchitecture,
          arguments: [0, command])
        #expect(filter.evaluate(attempt) == action.returnValue)
      }
    }
  }

  @Test func `every operator means what the specification says`() throws {
    let cases: [(String, [Bool])] = [  // for 9, 10, 11 against 10
      ("SCMP_CMP_NE", [true, false, true]), ("SCMP_CMP_LT", [true, false, false]),
      ("SCMP_CMP_LE", [true, true, false]),
      ("SCMP_CMP_EQ", [false, true, false]), ("SCMP_CMP_GE", [false, true, true]),
      ("SCMP_CMP_GT", [false, false, true]),
    ]
    for (name, expected) in cases {
      let text =
        #"{"names": ["dup"], "action": "SCMP_ACT_LOG", "args": [{"index": 0, "value": 10, "op": "\#(name)"}]}"#
      let condition = try #require(try rules(text).first?.conditions.first)
      #expect([9, 10, 11].map { condition.holds(of: $0) } == expected)
    }
    let masked =
      #"{"names": ["dup"], "action": "SCMP_ACT_LOG", "args": [{"index": 5, "value": 255, "valueTwo": 3, "op": "SCMP_CMP_MASKED_EQ"}]}"#
    let condition = try #require(try rules(masked).first?.conditions.first)
    #expect(condition.holds(of: 0xF03))
    #expect(!condition.holds(of: 0xF02))
  }

  @Test func `what a tenant's filter can't do is refused with a reason`() {
    for action in ["SCMP_ACT_NOTIFY", "SCMP_ACT_TRACE"] {
      for text in [
        #"{"defaultAction": "\#(action)"}"#,
        #"{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["read"], "action": "\#(action)"}]}"#,
      ] {
        let fault = #expect(throws: Fault.self) { try profile(text) }
        #expect(fault?.code == .invalidSeccompPolicy)
        #expect(fault?.message.hasPrefix(action) == true)
        #expect(fault?.position != nil)
      }
    }
  }

  @Test func `a name that no architecture has is an error with its place, even in a rule for another host`() {
    let text = """
      {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
        {"names": ["read", "opnat"], "action": "SCMP_ACT_ALLOW", "includes": {"arches": ["s390x"]}}]}
      """
    let fault = #expect(throws: Fault.self) { try profile(text).policy(on: Self.host) }
    #expect(fault?.code == .unknownSystemCall)
    #expect(fault?.position == Fault.Position(file: "p.json", line: 2, column: 13))
    #expect(fault?.mend == "did you mean openat?")
  }

  @Test(
    arguments: [
      ("", 1, 1), ("{", 1, 2), ("[]", 1, 1), ("{} x", 1, 4), ("{}", 1, 1), (#"{"defaultAction": 1}"#, 1, 19),
      (#"{"defaultAction": "SCMP_ACT_ALOW"}"#, 1, 19),
      (#"{"defaultAction": "SCMP_ACT_ALLOW", "sycalls": []}"#, 1, 37),
      (#"{"defaultAction": "SCMP_ACT_ALLOW", "defaultAction": "SCMP_ACT_ERRNO"}"#, 1, 37),
      ("{\"defaultAction\": \"SCMP_ACT_ALLOW\",\n \"syscalls\": [{\"names\": []}]}", 2, 15),
      ("{\"é\": 1, \"\u{1F600}\": 01}", 1, 15),
      (#"{"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 4096}"#, 1, 56),
      (#"{"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": -1}"#, 1, 56),
      (#"{"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 1.0}"#, 1, 56),
      (#"{"defaultAction": "SCMP_ACT_ERRNO", "defaultErrno": "EPERM"}"#, 1, 53),
      (#"{"defaultAction": "SCMP_ACT_ERRNO", "architectures": ["SCMP_ARCH_X86-64"]}"#, 1, 55),
      (#"{"defaultAction": "SCMP_ACT_ERRNO", "flags": ["SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"]}"#, 1, 47),
      (#"{"defaultAction": "SCMP_ACT_ERRNO", "listenerPath": "/run/x"}"#, 1, 53),
      (#"{"defaultAction": "\ud800"}"#, 1, 26), (#"{"defaultAction": "\x"}"#, 1, 22),
    ]) func `a malformed profile is an error at its place`(_ text: String, _ line: Int, _ column: Int)
  {
    let fault = #expect(throws: Fault.self) { try profile(text) }
    #expect(
      fault?.position == Fault.Position(file: "p.json", line: line, column: column),
      "\(text) \(String(describing: fault))")
  }

  @Test(
    arguments: [
      #"{"names": ["read"]}"#, #"{"action": "SCMP_ACT_ALLOW"}"#,
      #"{"names": "read", "action": "SCMP_ACT_ALLOW"}"#,
      #"{"names": ["read"], "name": "read", "action": "SCMP_ACT_ALLOW"}"#,
      #"{"names": ["read"], "action": "SCMP_ACT_ALLOW", "includes": {"cap": ["CAP_CHOWN"]}}"#,
      #"{"names": ["read"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_SYS_ADMN"]}}"#,
      #"{"names": ["read"], "action": "SCMP_ACT_ALLOW", "includes": {"arches": ["amd46"]}}"#,
      #"{"names": ["read"], "action": "SCMP_ACT_ALLOW", "includes": {"minKernel": "6"}}"#,
      #"{"names": ["read"], "action": "SCMP_ACT_ALLOW", "includes": {"minKernel": "6.1.2"}}"#,
      #"{"names": ["read"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 6, "value": 1, "op": "SCMP_CMP_EQ"}]}"#,
      #"{"names": ["read"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "op": "SCMP_CMP_EQ"}]}"#,
      #"{"names": ["read"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 1, "op": "EQ"}]}"#,
      #"{"names": ["read"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 18446744073709551616, "op": "SCMP_CMP_EQ"}]}"#,
      #"{"names": ["read"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 1, "op": "SCMP_CMP_GT"}, {"index": 0, "value": 9, "op": "SCMP_CMP_LT"}]}"#,
    ]) func `a malformed rule is an error with a place`(_ text: String)
  {
    let fault = #expect(throws: Fault.self) { try rules(text) }
    #expect(fault?.position?.line == 1)
  }

  @Test func `a deep, a large and a broken text are refused in time and without a trap`() {
    let texts: [[UInt8]] = [
      Array(repeating: UInt8(ascii: "["), count: 1 << 20),
      Array(repeating: UInt8(ascii: "\""), count: (1 << 20) + 1),
      Array(#"{"defaultAction": "\#u{FF}"}"#.utf8).map { $0 == 0xC3 ? 0xFF : $0 },
      [0xEF, 0xBB, 0xBF] + Array("{}".utf8),
      Array("{\"a\":".utf8), Array("{\"a\": tru".utf8), Array("{\"a\": \"\\u12".utf8), Array("[1".utf8), [0],
      Array("[\(String(repeating: "1,", count: 200_000))1]".utf8),
    ]
    for text in texts {
      let fault = #expect(throws: Fault.self) { try OCISeccompProfile(json: text, file: "p.json") }
      #expect(fault?.code == .malformedSeccompProfile)
    }
    let start = Array(Self.engineStyle.utf8)
    for length in start.indices {
      #expect(throws: Fault.self) { try OCISeccompProfile(json: Array(start[..<length]), file: "p.json") }
    }
  }

  @Test func `kernel releases are read as uname prints them`() {
    #expect(OCISeccompProfile.KernelVersion(release: "6.12.41+deb13-amd64") == .init(6, 12))
    #expect(OCISeccompProfile.KernelVersion(release: "6.1-rc3") == .init(6, 1))
    for release in ["", "6", "6.", ".1", "v6.1", "-6.1", "99999999999.1"] {
      #expect(OCISeccompProfile.KernelVersion(release: release) == nil, "\(release)")
    }
  }
}
