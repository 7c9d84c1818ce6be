import ControlProtocol
import Faults
import Glibc
import Kernel
import Testing

@testable import IsolatedCore

@Suite struct AuditedServiceTests {
  private let directory: TemporaryDirectory
  private let journal: FakeJournal
  private let stub = StubService()
  private let service: AuditedService<StubService>
  // Its parent: a call of the process itself would be the daemon's own.
  private static let peer = ControlPeer(uid: 1000, gid: 100, pid: getppid(), groups: [100])

  init() throws {
    directory = try TemporaryDirectory()
    journal = try FakeJournal()
    let audit = AuditLog(
      journal: try JournalSocket(path: journal.path),
      file: AuditFile(path: directory.path + "/audit.log", mostBytes: 1 << 20) { _, _ in })
    service = AuditedService(service: stub, audit: audit) { [stub] request, peer, descriptors, trail throws(Fault) in
      trail.note(tenant: "by-policy", policyDigest: "d1gest")
      return try await stub.spawn(request, peer: peer, descriptors: descriptors)
    }
  }

  @Test func aSpawnThatIsRefusedIsRecordedWithItsCode() async throws {
    stub.state.withLock { $0.refusal = Fault("admission.memory", "there is no memory left: SECRET") }
    await #expect(throws: Fault.self) {
      try await service.spawn(Spawn.Request(policy: "web"), peer: Self.peer, descriptors: [])
    }
    let fields = try #require(try journal.nextByName())
    #expect(fields["ISOLATED_RESULT"] == "refused")
    #expect(fields["ISOLATED_ERROR"] == "admission.memory")
    #expect(fields["ISOLATED_TENANT"] == "by-policy")
    #expect(fields["ISOLATED_POLICY_SHA256"] == "d1gest")
    #expect(fields["PRIORITY"] == "4")
  }

  @Test func aSpawnThatIsDeniedIsToldFromOneThatFails() async throws {
    stub.state.withLock { $0.refusal = Fault(.notPermitted, "no") }
    await #expect(throws: Fault.self) {
      try await service.spawn(Spawn.Request(policy: "web", name: "mine"), peer: Self.peer, descriptors: [])
    }
    let fields = try #require(try journal.nextByName())
    #expect(fields["ISOLATED_RESULT"] == "denied")
    #expect(fields["ISOLATED_TENANT"] == "mine")
  }

  @Test func secretsOfARequestAreNowhereInItsRecord() async throws {
    stub.state.withLock { $0.refusal = Fault("policy.invalid-value", "'hunter2' is no number") }
    let request = Spawn.Request(
      document: "environment: {PASSWORD: hunter2}", documentName: "p.yaml", command: ["/bin/login", "--pass=hunter2"],
      environment: ["TOKEN": "hunter2"])
    await #expect(throws: Fault.self) { try await service.spawn(request, peer: Self.peer, descriptors: []) }
    let entry = try #require(try journal.next())
    for field in entry {
      #expect(!String(decoding: field.value, as: UTF8.self).contains("hunter2"), "\(field.name)")
      #expect(!String(decoding: field.value, as: UTF8.self).contains("TOKEN"), "\(field.name)")
    }
    let fields = Dictionary(uniqueKeysWithValues: entry.map { ($0.name, String(decoding: $0.value, as: UTF8.self)) })
    #expect(fields["ISOLATED_PROGRAM"] == "/bin/login")
    #expect(fields["ISOLATED_ENVIRONMENT"] == "changed")
    #expect(fields["ISOLATED_POLICY_SOURCE"] == "client")
  }

  @Test func readingIsNotRecorded() async throws {
    _ = try await service.list(peer: Self.peer)
    _ = try await service.ioStatus(peer: Self.peer)
    _ = try await service.version(peer: Self.peer)
    #expect(try journal.next() == nil)
  }

  @Test func aSignalToNobodyIsRecordedWithItsNumber() async throws {
    await #expect(throws: Fault.self) { try await service.kill(.init(name: "web", signal: 15), peer: Self.peer) }
    let fields = try #require(try journal.nextByName())
    #expect(fields["ISOLATED_ACTION"] == "kill")
    #expect(fields["ISOLATED_SIGNAL"] == "15")
    #expect(fields["ISOLATED_ERROR"] == "tenant.unknown")
  }

  @Test func freezesThawsAndUpdatesAreRecordedAndSecretsOfAPolicyAreNot() async throws {
    try await service.freeze(TenantName(name: "web"), peer: Self.peer)
    try await service.thaw(TenantName(name: "web"), peer: Self.peer)
    _ = try await service.update(
      Update.Request(name: "web", document: "environment: {P: hunter2}", documentName: "web.yaml"), peer: Self.peer)
    _ = try await service.update(
      Update.Request(name: "web", settings: [.init(key: "memory.max", value: "1GiB")], dryRun: true), peer: Self.peer)
    await #expect(throws: Fault.self) { try await service.freeze(TenantName(name: "nobody"), peer: Self.peer) }
    for (action, result) in [("freeze", "done"), ("thaw", "done"), ("update", "done"), ("freeze", "refused")] {
      let fields = try #require(try journal.nextByName())
      #expect(fields["ISOLATED_ACTION"] == action && fields["ISOLATED_RESULT"] == result)
      #expect(fields.values.allSatisfy { !$0.contains("hunter2") })
      guard action == "update" else { continue }
      #expect(fields["ISOLATED_CHANGED"] == "memory.max" && fields["ISOLATED_POLICY"] == "web.yaml")
      #expect(fields["ISOLATED_POLICY_SHA256"]?.count == 64)
    }
  }

  @Test func aFurtherCommandIsRecordedWithItsProgramAndUserAndNoArgument() async throws {
    let request = Exec.Request(
      name: "web", command: ["/bin/true", "SECRET"], user: "root", environment: ["A": "SECRET"])
    _ = try await service.exec(request, peer: Self.peer, descriptors: [])
    let fields = try #require(try journal.nextByName())
    #expect(fields["ISOLATED_ACTION"] == "exec")
    #expect(fields["ISOLATED_RESULT"] == "done")
    #expect(fields["ISOLATED_TENANT"] == "web")
    #expect(fields["ISOLATED_PROGRAM"] == "/bin/true")
    #expect(fields["ISOLATED_USER"] == "root")
    #expect(fields["ISOLATED_ENVIRONMENT"] == "changed")
    #expect(!fields.values.contains { $0.contains("SECRET") })
    stub.state.withLock { $0.refusal = Fault(.notPermitted, "no") }
    await #expect(throws: Fault.self) { try await service.exec(request, peer: Self.peer, descriptors: []) }
    #expect(try journal.nextByName()?["ISOLATED_RESULT"] == "denied")
  }
}
