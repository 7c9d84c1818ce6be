import CTenantPlan
import Faults
import Testing

@testable import Sandbox

@Suite struct TenantPlanTests {
  private func spec() throws -> SandboxSpec {
    SandboxSpec(
      hostname: "tenant", identityRange: try IdentityRange(first: 1 << 28), uid: 33, gid: 33,
      filter: [6, 0, 0, 0, 0, 0, 255, 127], arguments: ["/bin/true"])
  }

  private func read(_ spec: SandboxSpec) throws -> PlanReader {
    let plan = try TenantPlan(spec, stagingPath: "/run/staging", logsGoToJournal: false)
    return try #require(PlanReader(plan.bytes))
  }

  @Test func phasesNeverRunBackwards() throws {
    var spec = try spec()
    spec.sysctls = [("net/core/somaxconn", "128")]
    spec.clockOffsets = (monotonic: -1, boottime: 5)
    spec.devices = ["/dev/fuse"]
    let phases = try read(spec).records.map { $0.type >> 4 }
    #expect(phases == phases.sorted())
  }

  @Test func userNamespacesInsideAreForbiddenUnlessAskedFor() throws {
    let sysctl = try #require(try read(spec()).all(TENANT_RECORD_SYSCTL).first)
    #expect(sysctl.texts() == ["user/max_user_namespaces", "0"])
  }

  @Test func aFiltersFlagsTravelOnlyWhereThereAreAny() throws {
    var spec = try spec()
    #expect(try read(spec).all(TENANT_RECORD_SECCOMP_FLAGS).isEmpty)
    spec.filterFlags = SeccompFlags.log.rawValue
    let record = try #require(try read(spec).all(TENANT_RECORD_SECCOMP_FLAGS).first)
    #expect(record.payload == [2, 0, 0, 0])
  }

  @Test func everyResourceLimitIsSetOnce() throws {
    var spec = try spec()
    spec.resourceLimits = [.init(resource: 7, soft: 10, hard: 20)]
    let limits = try read(spec).all(TENANT_RECORD_RLIMIT).map { record in
      record.payload.withUnsafeBytes { $0.loadUnaligned(as: tenant_rlimit.self) }
    }
    #expect(limits.map(\.resource).sorted() == Array(0...15))
    let files = try #require(limits.first { $0.resource == 7 })
    #expect((files.soft, files.hard, files.flags) == (10, 20, 0))
  }

  @Test func aNegativeClockOffsetHasPositiveNanoseconds() throws {
    var spec = try spec()
    spec.clockOffsets = (monotonic: -1, boottime: 1_500_000)
    let offsets = try #require(try read(spec).all(TENANT_RECORD_TIME_OFFSETS).first)
    #expect(offsets.texts() == ["monotonic -1 999999000\nboottime 1 500000000\n"])
  }

  @Test func aMemoryFileSystemOfThePolicyReplacesTheStandardOne() throws {
    var spec = try spec()
    spec.temporaryMounts = [.init(path: "/tmp", bytes: 4096, mode: 0o1777)]
    let targets = try read(spec).all(TENANT_RECORD_MOUNT).map { $0.texts(after: 8)[1] }
    #expect(targets.count { $0 == "tmp" } == 1)
    #expect(Set(targets).isSuperset(of: ["proc", "dev/pts", "dev/shm", "dev/mqueue", "sys/fs/cgroup"]))
  }

  @Test func theCgroupFileSystemIsReadOnlyInside() throws {
    let mounts = try read(spec()).all(TENANT_RECORD_MOUNT)
    let cgroup = try #require(mounts.first { $0.texts(after: 8)[0] == "cgroup2" })
    #expect(cgroup.payload[0] & 1 == 1)
  }

  @Test(arguments: ["relative", "/a/../b", "/a/./b", "/nul\0byte"])
  func aPathThatIsNotPlainlyAbsoluteIsRefused(path: String) throws {
    var spec = try spec()
    spec.hostPaths = [.init(source: path, target: "/data", isWritable: false)]
    #expect(throws: Fault.self) { try read(spec) }
  }

  @Test func aStringWithANulIsRefused() throws {
    var spec = try spec()
    spec.environment = ["A=b\0c"]
    #expect(throws: Fault.self) { try read(spec) }
  }

  @Test func aPlanBeyondTheBoundIsRefused() throws {
    var spec = try spec()
    spec.arguments = ["/bin/true", String(repeating: "x", count: 2 << 20)]
    #expect(throws: Fault.self) { try read(spec) }
  }

  @Test func moreMountsThanAMessageCarriesAreRefused() throws {
    var spec = try spec()
    spec.hostPaths = (0..<200).map { .init(source: "/usr", target: "/mnt/\($0)", isWritable: false) }
    #expect(throws: Fault.self) { try read(spec) }
  }

  @Test func aUserNamespaceThatIsMadeIsOnAnAccountOfItsOwn() throws {
    func accounts(joins: Bool) throws -> [UInt32] {
      let plan = try TenantPlan(
        try spec(), stagingPath: "/run/staging", logsGoToJournal: false, joinsNamespaces: joins, account: 0xFFFF_0007)
      return try #require(PlanReader(plan.bytes)).all(TENANT_RECORD_ACCOUNT).map { record in
        record.payload.withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) }
      }
    }
    #expect(try accounts(joins: false) == [0xFFFF_0007])
    #expect(try accounts(joins: true) == [])
  }

  @Test func accountsDifferAndAreNobodysIds() {
    let some = (0..<1000).map { _ in AccountIdentity.next() }
    #expect(Set(some).count == some.count)
    // The highest that a configuration can give to tenants is 0xFFFEFFFF, and 0xFFFFFFFF is the kernel's "no id".
    #expect(some.allSatisfy { $0 >= 0xFFFF_0000 && $0 < 0xFFFF_FFFE })
  }

  @Test func aTenantsTerminalsAreBounded() throws {
    let mounts = try read(spec()).all(TENANT_RECORD_MOUNT).map { $0.texts(after: 8) }
    let terminals = try #require(mounts.first { $0[0] == "devpts" })
    #expect(terminals.contains("max=64"))
  }

  @Test func networkNamespacesBelongToTheTenantsUserNamespace() throws {
    var spec = try spec()
    func namespaces() throws -> tenant_namespaces {
      let record = try #require(try read(spec).all(TENANT_RECORD_NAMESPACES).first)
      return record.payload.withUnsafeBytes { $0.loadUnaligned(as: tenant_namespaces.self) }
    }
    #expect(try namespaces().owner == 0x1000_0000 | 0x4000_0000)
    spec.usesHostNetwork = true
    #expect(try namespaces().owner == 0x1000_0000)
    #expect(try namespaces().inner & 0x4000_0000 == 0)
  }
}
