import Faults
import Glibc
import Kernel
import Policy
import Sandbox
import Testing

@testable import IsolatedCore

/// What a policy's wall comes to: supplied files, Landlock, disk bounds.
@Suite struct WallPlanTests {
  private func policy(_ lines: String...) throws -> TenantPolicy {
    try PolicyDocument.parse(
      text: (["tenant: web", "command: [/bin/true]", "memory: {max: 64MiB}"] + lines).joined(separator: "\n"),
      file: "p.yaml")
  }

  private func spec() throws -> SandboxSpec {
    SandboxSpec(
      hostname: "web", identityRange: try IdentityRange(first: 1 << 28), uid: 0, gid: 0, filter: [], arguments: ["a"])
  }

  // MARK: Supplied files

  @Test func withoutANetworkHostsNameOnlyTheTenantItself() throws {
    let text = SuppliedFilePlan.hosts(for: try policy(), host: "10.9.9.9 secret.internal\n")
    #expect(text == "127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n127.0.1.1 web\n")
    #expect(SuppliedFilePlan.resolver(for: try policy(), host: "nameserver 10.9.9.9\n").isEmpty)
  }

  @Test func onTheHostsNetworkTheHostsNamesStay() throws {
    let policy = try policy("network: {mode: host}")
    let text = SuppliedFilePlan.hosts(for: policy, host: "127.0.0.1 localhost\n10.0.0.1 db\n")
    #expect(text == "127.0.1.1 web\n127.0.0.1 localhost\n10.0.0.1 db\n")
    #expect(SuppliedFilePlan.resolver(for: policy, host: "nameserver 10.0.0.2\n") == "nameserver 10.0.0.2\n")
  }

  @Test func thePolicysOwnEntriesGoFirst() throws {
    let policy = try policy(
      "hostname: web.example", "network: {mode: host, hosts: {db: 10.0.0.5}, dns: [10.0.0.3, 10.0.0.4]}")
    #expect(SuppliedFilePlan.hosts(for: policy, host: "") == "10.0.0.5 db\n127.0.1.1 web.example web\n")
    #expect(SuppliedFilePlan.resolver(for: policy, host: "x") == "nameserver 10.0.0.3\nnameserver 10.0.0.4\n")
    let named = try self.policy("network: {hosts: {web: 10.0.0.9}}")
    #expect(!SuppliedFilePlan.hosts(for: named, host: "").contains("127.0.1.1"))
  }

  @Test func aPlaceThatThePolicyFillsIsLeftToIt() throws {
    let none = try policy("root: {readable: [{path: /etc, source: /srv/etc}]}")
    #expect(SuppliedFilePlan.files(for: none, root: -1).isEmpty)
    let one = try policy("root: {readable: [{path: /etc/hosts, source: /srv/hosts}]}")
    #expect(SuppliedFilePlan.files(for: one, root: -1).map(\.path) == ["/etc/hostname", "/etc/resolv.conf"])
  }

  @Test func aRootDirectoryGetsThemWhereItHasAPlace() throws {
    let place = try TemporaryDirectory()
    let base = place.path
    try #require(mkdir(base + "/etc", 0o755) == 0)
    defer {
      for name in ["hosts", "resolv.conf"] { unlink("\(base)/etc/\(name)") }
      rmdir(base + "/etc")
    }
    let root = SharedDescriptor(owning: open(base, O_PATH | O_DIRECTORY | O_CLOEXEC))
    func paths(_ overlay: String) throws -> [String] {
      let policy = try policy("root: {base: \(base), overlay: \(overlay)}")
      return SuppliedFilePlan.files(for: policy, root: root.rawValue).map(\.path)
    }
    #expect(try paths("none").isEmpty)
    #expect(try paths("tmpfs, size: 1MiB") == ["/etc/hostname", "/etc/hosts", "/etc/resolv.conf"])
    try SmallFile.replace(base + "/etc/hosts", with: [])
    #expect(try paths("none") == ["/etc/hosts"])
    // A link might lead anywhere, so it is no place.
    try #require(symlink("/etc/passwd", base + "/etc/resolv.conf") == 0)
    #expect(try paths("tmpfs, size: 1MiB") == ["/etc/hostname", "/etc/hosts"])
  }

  // MARK: Landlock

  @Test func aDomainIsMadeWhereTheKernelHasLandlock() throws {
    let plan = LandlockPlan(try policy(), try spec(), version: 6)
    #expect(plan.domain?.version == 6 && plan.notEnforceable.isEmpty)
    #expect(plan.text.contains("version 6"))
  }

  @Test func withoutLandlockOnlyWhatDemandsItIsRefused() throws {
    let implied = LandlockPlan(try policy(), try spec(), version: nil)
    #expect(implied.domain == nil && implied.notEnforceable.isEmpty && implied.text.hasPrefix("off: the kernel"))
    let demanded = LandlockPlan(
      try policy("landlock: true", "network: {tcp: {bind: []}}"), try spec(), version: nil)
    #expect(demanded.notEnforceable.map(\.code) == [.notEnforceable, .notEnforceable])
    #expect(demanded.notEnforceable.map { $0.position?.line } == [4, 5])
    #expect(demanded.notEnforceable.allSatisfy { $0.mend != nil })
  }

  @Test func portsNeedALaterVersion() throws {
    let plan = LandlockPlan(try policy("network: {tcp: {bind: [80]}}"), try spec(), version: 3)
    #expect(plan.notEnforceable.map(\.code) == [.notEnforceable])
    #expect(plan.domain != nil)
  }

  @Test(arguments: ["namespaces: {user_namespaces: 1}", "capabilities: [CAP_SYS_ADMIN]"])
  func whoMayMountIsUnderRulesForFilesOnlyOnDemand(line: String) throws {
    let implied = LandlockPlan(try policy(line), try spec(), version: 6)
    #expect(implied.domain == nil && implied.text.contains("files are left out: the policy"))
    let demanded = LandlockPlan(try policy(line, "landlock: true"), try spec(), version: 6)
    #expect(demanded.domain?.files.isEmpty == false && demanded.domain?.paths.isEmpty == false)
    let ports = LandlockPlan(try policy(line, "network: {tcp: {bind: []}}"), try spec(), version: 6)
    #expect(ports.domain?.files == [] && ports.domain?.paths == [] && ports.domain?.network == 1)
    var onTheHostsNetwork = try spec()
    onTheHostsNetwork.usesHostNetwork = true
    let host = LandlockPlan(try policy(line, "network: {mode: host}"), onTheHostsNetwork, version: 6)
    #expect(host.domain?.files == [] && host.domain?.scopes == 1)
  }

  @Test func whatThePolicyTurnsOffIsOff() throws {
    let plan = LandlockPlan(try policy("landlock: false"), try spec(), version: 6)
    #expect(plan.domain == nil && plan.text == "off: the policy says so")
  }

  // MARK: Disk

  @Test func aFileSystemWithoutQuotasIsRefusedWithTheWayToTurnThemOn() throws {
    // /proc has no quotas of any kind, wherever this runs.
    let policy = try policy("root: {writable: [{path: /a, source: /proc/self}]}", "disk: {max: 1GiB}")
    let asked = try DiskBound.asked(by: policy, range: IdentityRange(first: 1 << 28))
    #expect(asked.bound == nil)
    #expect(asked.notEnforceable.map(\.code) == [.notEnforceable])
    #expect(asked.notEnforceable.first?.position?.line == 5)
    #expect(asked.notEnforceable.first?.mend?.contains("ext4 or XFS") == true)
  }

  @Test func withoutABoundNothingIsAskedOfTheDisk() throws {
    let policy = try policy("root: {writable: [{path: /a, source: /nowhere/at/all}]}")
    let asked = try DiskBound.asked(by: policy, range: IdentityRange(first: 1 << 28))
    #expect(asked.bound == nil && asked.notEnforceable.isEmpty && asked.lifted.isEmpty)
  }

  @Test func adviceFitsTheFileSystem() {
    #expect(DiskQuotaAdvice.mend(type: 0xEF53).contains("tune2fs -O project,quota"))
    #expect(DiskQuotaAdvice.mend(type: 0x5846_5342).contains("rootflags=prjquota"))
    #expect(DiskQuotaAdvice.mend(type: 0x9123_683E).contains("ext4 or XFS"))
  }

  @Test func aRecordKeepsWhatMakesTheWallAndTheBound() throws {
    let bound = DiskBound(
      project: 1 << 28, bytes: 10, inodes: nil, places: [.init(path: "/srv/a", device: 5)])
    var record = StateStoreTests.record("web")
    let profile = PayloadProfile(planVersion: 1, records: "PAAYAAAAAAA=")
    record.entry = EntryRecord(profile: profile, root: "/", grantsCommands: false)
    record.disk = bound
    let directory = try TemporaryDirectory()
    let store = try StateStore(directory: directory.path)
    try store.save(record)
    let loaded = try #require(try store.load().records.first)
    #expect(loaded.entry?.profile == profile)
    #expect(loaded.disk?.project == 1 << 28 && loaded.disk?.places.map(\.path) == ["/srv/a"])
  }
}
