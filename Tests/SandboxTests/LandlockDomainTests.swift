import CTenantPlan
import Faults
import Testing

@testable import Sandbox

@Suite struct LandlockDomainTests {
  private func spec() throws -> SandboxSpec {
    SandboxSpec(
      hostname: "tenant", identityRange: try IdentityRange(first: 1 << 28), uid: 33, gid: 33,
      filter: [6, 0, 0, 0, 0, 0, 255, 127], arguments: ["/bin/true"])
  }

  private func access(_ domain: LandlockDomain, _ path: String) -> LandlockAccess {
    domain.paths.first { $0.path == path }?.access ?? []
  }

  @Test(arguments: [(1, 0x1fff), (2, 0x3fff), (3, 0x7fff), (4, 0x7fff), (5, 0xffff), (6, 0xffff), (9, 0xffff)])
  func theDomainForbidsAllThatTheKernelKnowsAndNoMore(version: Int, bits: UInt64) throws {
    let domain = LandlockDomain(try spec(), ports: .init(bind: [80]), version: version)
    #expect(domain.files.rawValue == bits)
    #expect(domain.paths.allSatisfy { $0.access.isSubset(of: domain.files) && !$0.access.isEmpty })
    #expect((domain.network != 0) == (version >= 4) && domain.ports.isEmpty == (version < 4))
  }

  @Test func theRootMayBeReadAndExecutedOnly() throws {
    #expect(access(LandlockDomain(try spec(), ports: .init(), version: 6), "/") == .reading)
  }

  @Test func whatMayBeWrittenIsWhatThePolicySays() throws {
    var spec = try spec()
    spec.hostPaths = [
      .init(source: "/srv/w", target: "/data/w", isWritable: true),
      .init(source: "/srv/r", target: "/data/r", isWritable: false),
    ]
    spec.temporaryMounts = [.init(path: "/run", bytes: 4096)]
    let domain = LandlockDomain(spec, ports: .init(), version: 6)
    let writable = domain.paths.filter { $0.access.contains(.change) }.map(\.path)
    #expect(writable == ["/data/w", "/dev/mqueue", "/dev/shm", "/run", "/tmp"])
    #expect(access(domain, "/data/r").isEmpty)
    #expect(access(domain, "/proc") == [.writeFile, .truncate])
    // Nothing that lies beneath "/" leads to the kernel's own mount of message queues.
    #expect(access(domain, "/dev/mqueue").isSuperset(of: .reading))
  }

  @Test func anOverlayMayBeWrittenAsAWhole() throws {
    var spec = try spec()
    spec.base = .directory("/srv/image")
    spec.overlay = .memory(bytes: 4096)
    #expect(access(LandlockDomain(spec, ports: .init(), version: 6), "/").contains([.change, .execute]))
    spec.overlay = .none
    #expect(access(LandlockDomain(spec, ports: .init(), version: 6), "/") == .reading)
  }

  @Test func noPlaceAllowsDeviceNodes() throws {
    let domain = LandlockDomain(try spec(), ports: .init(), version: 6)
    #expect(domain.files.contains(.makeDevice))
    #expect(domain.paths.allSatisfy { $0.access.isDisjoint(with: .makeDevice) })
    #expect(domain.paths.filter { $0.access.contains(.controlDevice) }.map(\.path) == ["/dev"])
  }

  @Test func onlyOnTheHostsNetworkAreThereOthersAbstractSockets() throws {
    var spec = try spec()
    #expect(LandlockDomain(spec, ports: .init(), version: 6).scopes == 0)
    spec.usesHostNetwork = true
    #expect(LandlockDomain(spec, ports: .init(), version: 6).scopes == 1)
    #expect(LandlockDomain(spec, ports: .init(), version: 5).scopes == 0)
  }

  @Test func noPortAtAllIsARuleAndNoListIsNone() throws {
    let none = LandlockDomain(try spec(), ports: .init(), version: 6)
    #expect(none.network == 0)
    let closed = LandlockDomain(try spec(), ports: .init(bind: [], connect: [443]), version: 6)
    #expect(closed.network == 3)
    #expect(closed.ports == [.init(port: 443, access: 2)])
    let both = LandlockDomain(try spec(), ports: .init(bind: [80, 80], connect: [80]), version: 6)
    #expect(both.ports == [.init(port: 80, access: 3)])
  }

  @Test func theSameSpecMakesTheSameDomain() throws {
    var spec = try spec()
    spec.hostPaths = (0..<20).map { .init(source: "/srv/\($0)", target: "/srv/\($0)", isWritable: true) }
    let domains = (0..<5).map { _ in LandlockDomain(spec, ports: .init(bind: [3, 1, 2]), version: 6) }
    #expect(Set(domains).count == 1)
  }

  @Test func thePlanHoldsTheDomainInThePayloadsPhase() throws {
    var spec = try spec()
    spec.domain = LandlockDomain(spec, ports: .init(bind: [8080]), version: 6)
    let plan = try TenantPlan(spec, stagingPath: "/run/staging", logsGoToJournal: false)
    let reader = try #require(PlanReader(plan.bytes))
    let head = try #require(reader.all(TENANT_RECORD_LANDLOCK).first)
    let handled = head.payload.withUnsafeBytes { $0.loadUnaligned(as: tenant_landlock.self) }
    #expect((handled.files, handled.network, handled.scopes) == (0xffff, 1, 0))
    #expect(reader.all(TENANT_RECORD_LANDLOCK_PATH).map { $0.texts(after: 8) } == spec.domain?.paths.map { [$0.path] })
    let ports = reader.all(TENANT_RECORD_LANDLOCK_PORT).map { record in
      record.payload.withUnsafeBytes { $0.loadUnaligned(as: tenant_landlock_port.self) }
    }
    #expect(ports.map(\.port) == [8080] && ports.map(\.access) == [1])
    let phases = reader.records.map { $0.type >> 4 }
    #expect(phases == phases.sorted())
  }

  @Test func withoutADomainThePlanSaysNothingOfOne() throws {
    let plan = try TenantPlan(try spec(), stagingPath: "/run/staging", logsGoToJournal: false)
    let reader = try #require(PlanReader(plan.bytes))
    #expect(reader.all(TENANT_RECORD_LANDLOCK).isEmpty && reader.all(TENANT_RECORD_LANDLOCK_PATH).isEmpty)
  }
}
