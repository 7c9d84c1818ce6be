import CTenantPlan
import Faults
import Glibc
import Testing

@testable import Sandbox

@Suite struct EntrySpecTests {
  private static let filter: [UInt8] = [6, 0, 0, 0, 0, 0, 255, 127]

  private func profile(_ change: (inout SandboxSpec) -> Void = { _ in }) throws -> PayloadProfile {
    var spec = SandboxSpec(
      hostname: "tenant", identityRange: try IdentityRange(first: 1 << 28), uid: 33, gid: 33,
      filter: Self.filter, arguments: ["/bin/secret-of-the-payload"])
    spec.environment = ["A=1", "EMPTY="]
    spec.umask = 0o077
    spec.groups = [33, 44]
    change(&spec)
    let plan = try TenantPlan(spec, stagingPath: "/run/staging", logsGoToJournal: true)
    return try #require(PayloadProfile(plan: plan.bytes))
  }

  private func read(_ spec: EntrySpec) throws -> PlanReader { try #require(PlanReader(try spec.plan())) }

  private func spec(_ profile: PayloadProfile) -> EntrySpec {
    EntrySpec(profile: profile, namespaces: 7, process: 99, arguments: ["sh", "-c", "true"], environment: ["B=2"])
  }

  @Test func aCommandIsGivenWhatThePayloadWasGiven() throws {
    let whole = try TenantPlan(
      {
        var spec = SandboxSpec(
          hostname: "tenant", identityRange: try IdentityRange(first: 1 << 28), uid: 33, gid: 33,
          filter: Self.filter, arguments: ["/bin/true"])
        spec.groups = [33, 44]
        spec.capabilities = CapabilitySets(bounding: 1, permitted: 1, effective: 1)
        return spec
      }(), stagingPath: "/run/staging", logsGoToJournal: true)
    let payload = try #require(PlanReader(whole.bytes))
    let profile = try #require(PayloadProfile(plan: whole.bytes))
    let entry = try read(spec(profile))
    for type in [
      TENANT_RECORD_IDENTITY, TENANT_RECORD_CAPABILITIES, TENANT_RECORD_SECCOMP, TENANT_RECORD_UMASK,
      TENANT_RECORD_RLIMIT, TENANT_RECORD_OOM_SCORE, TENANT_RECORD_WORKING,
    ] {
      #expect(!payload.all(type).isEmpty)
      #expect(entry.all(type).map(\.payload) == payload.all(type).map(\.payload))
    }
  }

  @Test func everyRecordOfThePayloadsPhaseButItsCommandIsKept() throws {
    let plan = try TenantPlan(
      SandboxSpec(
        hostname: "tenant", identityRange: try IdentityRange(first: 1 << 28), uid: 33, gid: 33, filter: Self.filter,
        arguments: ["/bin/true"]), stagingPath: "/run/staging", logsGoToJournal: true)
    let types = try #require(PlanReader(plan.bytes)).records.map(\.type).filter { $0 >= 48 }
    let profile = try #require(PayloadProfile(plan: plan.bytes))
    let kept = try #require(profile.decoded).records.map(\.type)
    #expect(Set(kept).isSuperset(of: Set(types).subtracting([UInt16(TENANT_RECORD_ARGUMENTS.rawValue)])))
    #expect(!kept.contains(UInt16(TENANT_RECORD_ARGUMENTS.rawValue)))
  }

  @Test func theRootAndThePayloadsCommandAreNoPartOfIt() throws {
    let entry = try read(spec(try profile()))
    #expect(entry.records.allSatisfy { $0.type < 16 || $0.type >= 32 })
    #expect(entry.all(TENANT_RECORD_ARGUMENTS).map { $0.texts() } == [["sh", "-c", "true"]])
    #expect(entry.all(TENANT_RECORD_ENVIRONMENT).map { $0.texts() } == [["B=2"]])
    #expect(entry.all(TENANT_RECORD_ENTRY).map(\.payload) == [[7, 0, 0, 0, 99, 0, 0, 0]])
    let phases = entry.records.map { $0.type >> 4 }
    #expect(phases == phases.sorted())
  }

  @Test func anotherUserReplacesIdentityAndCapabilitiesAndNothingElse() throws {
    var spec = spec(try profile())
    spec.user = .init(
      identity: ResolvedIdentity(uid: 0, gid: 5, groups: [5, 6]),
      capabilities: CapabilitySets(bounding: 2, permitted: 2, effective: 2))
    spec.workingDirectory = "/srv"
    let entry = try read(spec)
    let identity = try #require(entry.all(TENANT_RECORD_IDENTITY).first)
    #expect(entry.all(TENANT_RECORD_IDENTITY).count == 1)
    #expect(identity.payload == [0, 0, 0, 0, 5, 0, 0, 0, 2, 0, 0, 0, 5, 0, 0, 0, 6, 0, 0, 0])
    #expect(entry.all(TENANT_RECORD_CAPABILITIES).map { $0.payload[0] } == [2])
    #expect(entry.all(TENANT_RECORD_WORKING).map { $0.texts() } == [["/srv"]])
    #expect(entry.all(TENANT_RECORD_SECCOMP).map(\.payload) == [Self.filter])
  }

  @Test func theWallAroundThePayloadStandsAroundTheCommandToo() throws {
    var spec = SandboxSpec(
      hostname: "tenant", identityRange: try IdentityRange(first: 1 << 28), uid: 33, gid: 33, filter: Self.filter,
      arguments: ["/bin/true"])
    spec.filterFlags = 4
    spec.schedulesCoresAlone = true
    spec.resourceLimits = [.init(resource: 4, soft: 1, hard: 1)]
    spec.domain = LandlockDomain(spec, ports: .init(bind: [80]), version: 6)
    let plan = try TenantPlan(spec, stagingPath: "/run/staging", logsGoToJournal: true)
    let payload = try #require(PlanReader(plan.bytes))
    let entry = try read(self.spec(try #require(PayloadProfile(plan: plan.bytes))))
    for type in [
      TENANT_RECORD_SECCOMP, TENANT_RECORD_SECCOMP_FLAGS, TENANT_RECORD_CORE_SCHEDULING, TENANT_RECORD_RLIMIT,
      TENANT_RECORD_LANDLOCK, TENANT_RECORD_LANDLOCK_PATH, TENANT_RECORD_LANDLOCK_PORT,
    ] {
      #expect(!payload.all(type).isEmpty)
      #expect(entry.all(type).map(\.payload) == payload.all(type).map(\.payload))
    }
    let phases = entry.records.map { $0.type >> 4 }
    #expect(phases == phases.sorted())
  }

  @Test func theEnvironmentComesBackAsItWas() throws {
    #expect(try profile().environment == ["A=1", "EMPTY="])
  }

  @Test func aCommandThatNoPlanCanExpressIsRefused() throws {
    let profile = try profile()
    var faulty: [EntrySpec] = []
    faulty.append(EntrySpec(profile: profile, namespaces: 1, process: 1, arguments: [], environment: []))
    faulty.append(EntrySpec(profile: profile, namespaces: 1, process: 1, arguments: [""], environment: []))
    faulty.append(EntrySpec(profile: profile, namespaces: 1, process: 1, arguments: ["a\0b"], environment: []))
    faulty.append(EntrySpec(profile: profile, namespaces: 1, process: 1, arguments: ["a"], environment: ["A=\0"]))
    faulty.append(
      EntrySpec(
        profile: profile, namespaces: 1, process: 1, arguments: ["a", String(repeating: "x", count: 1 << 20)],
        environment: []))
    for directory in ["relative", "", "/a\0b"] {
      var spec = spec(profile)
      spec.workingDirectory = directory
      faulty.append(spec)
    }
    for spec in faulty { #expect(throws: Fault.self) { try spec.plan() } }
  }

  @Test(arguments: ["", "not base64", "AAAA", "IQAAAP////8AAAAA", "IQABAAAAAAA="])
  func aDamagedProfileIsNeitherUsableNorACrash(records: String) throws {
    var damaged = try profile()
    damaged.records = records
    #expect(damaged.isUsable == records.isEmpty)
    if !records.isEmpty { #expect(throws: Fault.self) { try spec(damaged).plan() } }
    #expect(damaged.environment.isEmpty)
  }

  @Test(arguments: [0, 1_000_000, -1])
  func aProfileOfAnUnknownVersionIsNotUsed(version: Int) throws {
    var other = try profile()
    other.planVersion = version
    #expect(!other.isUsable)
  }

  @Test func aProfileOfTheFirstReleasesIsUsed() throws {
    var older = try profile()
    older.planVersion = 1
    #expect(older.isUsable)
  }

  @Test func theOwnNamespacesAreNotToBeJoined() throws {
    #expect(try EntryNamespaces.differing(of: getpid()) == 0)
    #expect(throws: Fault.self) { try EntryNamespaces.differing(of: .max) }
  }

  @Test func aKindOfNamespacesThatTheKernelLacksIsNotToBeJoined() throws {
    #expect(try !EntryNamespaces.differs("no-such-kind", of: getpid()))
    #expect(throws: Fault.self) { try EntryNamespaces.differs("user", of: .max) }
  }

  @Test func aTerminalIsTheCommandsAloneAndNeverTheTenants() throws {
    let profile = try profile { $0.terminal = .init(rows: 1, columns: 2, patience: 3) }
    #expect(try read(spec(profile)).all(TENANT_RECORD_TERMINAL).isEmpty)
    var spec = spec(profile)
    spec.terminal = .init(rows: 24, columns: 80)
    let entry = try read(spec)
    #expect(entry.all(TENANT_RECORD_TERMINAL).map(\.payload) == [[24, 0, 80, 0, 0, 0, 0, 0]])
    let phases = entry.records.map { $0.type >> 4 }
    #expect(phases == phases.sorted())
  }
}
