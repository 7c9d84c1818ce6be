import CCap
import Faults
import Glibc
import Testing

@testable import Sandbox

@Suite("Capabilities")
struct CapabilityTests {
  @Test func `names and numbers are libcap's`() throws {
    for capability in Capability.allCases {
      var number: cap_value_t = -1
      #expect(cap_from_name(capability.name, &number) == 0, "\(capability)")
      #expect(number == Int32(capability.rawValue))
      #expect(try Capability(name: capability.name) == capability)
    }
    #expect(Capability.allCases.map(\.rawValue) == Array(0...40))
    // A kernel with more capabilities than this list would leave some that no policy can name.
    #expect(cap_max_bits() <= 41)
  }

  @Test func `a name that isn't exact is an error with the likely name, never skipped`() {
    let cases = [
      ("NET_BIND_SERVICE", "CAP_NET_BIND_SERVICE"), ("cap_net_bind_service", "CAP_NET_BIND_SERVICE"),
      ("CAP_SYS_ADMN", "CAP_SYS_ADMIN"), ("CAP_SYS_PTARCE", "CAP_SYS_PTRACE"),
    ]
    for (name, hint) in cases {
      let position = Fault.Position(file: "web.yaml", line: 3, column: 9)
      let fault = #expect(throws: Fault.self) { try Capability(name: name, position: position) }
      #expect(fault?.code == .unknownCapability)
      #expect(fault?.mend == "did you mean \(hint)?")
      #expect(fault?.position == position)
    }
    for name in ["", "CAP_", "41", "CAP_41", "ALL", "CAP_CHOWN ", "CAP_CHOWN\u{0}", "e\u{301}\n"] {
      let fault = #expect(throws: Fault.self) { try Capability(name: name) }
      #expect(fault?.code == .unknownCapability)
    }
    let long = #expect(throws: Fault.self) { try Capability(name: String(repeating: "CAP_", count: 1 << 18)) }
    #expect((long?.message.utf8.count ?? .max) < 200)
  }

  @Test func `root inside gets no inheritable and no ambient capability`() throws {
    let sets = try CapabilitySets.forTenant(keep: [.netBindService, .chown], uid: 0)
    let mask: UInt64 = 1 << 10 | 1
    #expect(sets == CapabilitySets(bounding: mask, permitted: mask, effective: mask))
  }

  @Test func `another uid gets its capabilities by the ambient set, and inheritable holds nothing else`()
    throws
  {
    let sets = try CapabilitySets.forTenant(keep: [.netBindService], uid: 33)
    #expect(sets.ambient == 1 << 10)
    #expect(sets.inheritable == sets.ambient)
    #expect(sets.bounding == sets.ambient)
    for uid in [0, 33] as [UInt32] { #expect(try CapabilitySets.forTenant(keep: [], uid: uid) == .none) }
  }

  @Test func `a capability that the kernel lacks is refused`() {
    let fault = #expect(throws: Fault.self) {
      try CapabilitySets.forTenant(keep: [.checkpointRestore], uid: 0, lastSupported: 39)
    }
    #expect(fault?.code == .unknownCapability)
    #expect(fault?.message.contains("CAP_CHECKPOINT_RESTORE") == true)
  }

  @Test func `masks print as the kernel prints them, and unknown bits stay visible`() {
    #expect(CapabilitySets.hexadecimal(0) == "0000000000000000")
    #expect(CapabilitySets.hexadecimal(0x1FF_FFFF_FFFF) == "000001ffffffffff")
    #expect(CapabilitySets.hexadecimal(.max) == "ffffffffffffffff")
    let strange: UInt64 = 1 << 63 | 1 << 41
    let (known, unknown) = CapabilitySets.capabilities(in: strange | 0b11)
    #expect(known == [.chown, .dacOverride])
    #expect(unknown == strange)
  }

  @Test func `the kernel's own status file is read, and agrees with libcap`() throws {
    let root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    defer { close(root) }
    let bytes = try RootFileReader.read(beneath: root, path: "/proc/\(getpid())/status", limit: 1 << 20)
    let status = try ProcessStatus(parsing: bytes)
    #expect(status.users.real == getuid())
    #expect(status.groups.effective == getegid())
    for capability in Capability.allCases {
      let held = cap_get_bound(cap_value_t(capability.rawValue))
      if held >= 0 { #expect((status.capabilities.bounding & capability.mask != 0) == (held == 1)) }
    }
  }

  private static let sample = """
    Name:\tpython3
    Uid:\t0\t33\t33\t4294967295
    Gid:\t1\t2\t3\t4
    Groups:\t4 24 65534 
    NoNewPrivs:\t1
    Seccomp:\t2
    Seccomp_filters:\t1
    CapInh:\t0000000000000000
    CapPrm:\t0000000000000400
    CapEff:\t0000000000000400
    CapBnd:\t000001ffffffffff
    CapAmb:\t0000000000000000

    """

  @Test func `a status is parsed whole, and rendered sets are the kernel's lines`() throws {
    let status = try ProcessStatus(parsing: Array(Self.sample.utf8))
    #expect(status.users.effective == 33)
    #expect(status.users.filesystem == .max)
    #expect(status.supplementaryGroups == [4, 24, 65534])
    #expect(status.noNewPrivileges)
    #expect(status.seccompMode == 2)
    #expect(status.seccompFilters == 1)
    for line in status.capabilities.description.split(separator: "\n") { #expect(Self.sample.contains(line)) }
  }

  @Test func `a status that lacks or mangles a line is an error, not a default`() {
    for (line, replacement) in [
      ("CapEff:\t0000000000000400\n", ""), ("CapEff:\t0000000000000400", "CapEff:\t0x400"),
      ("CapEff:\t0000000000000400", "CapEff:\t00000000000000400"), ("Uid:\t0\t33", "Uid:\t-1\t33"),
      ("Uid:\t0\t33\t33\t4294967295", "Uid:\t0\t33\t33"), ("4294967295", "4294967296"),
      ("Seccomp:\t2", "Seccomp:"),
      ("NoNewPrivs:\t1", "NoNewPrivs:\t1 1"),
    ] {
      let parts = Self.sample.split(separator: line, maxSplits: 1, omittingEmptySubsequences: false)
      let text = parts.joined(separator: replacement)
      #expect(text != Self.sample)
      let fault = #expect(throws: Fault.self) { try ProcessStatus(parsing: Array(text.utf8)) }
      #expect(fault?.code == .malformedProcessStatus)
    }
    #expect(throws: Fault.self) { try ProcessStatus(parsing: []) }
  }

  @Test func `a process can't forge a line by its name`() throws {
    // The kernel escapes newlines in Name; even unescaped, a later line would not win over the kernel's.
    let forged = Self.sample + "CapEff:\t000001ffffffffff\n"
    #expect(try ProcessStatus(parsing: Array(forged.utf8)).capabilities.effective == 0x400)
  }
}
