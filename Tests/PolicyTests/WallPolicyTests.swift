import Testing

@testable import Policy

@Suite struct WallPolicyTests {
  @Test func whatIsLeftOutAddsNothing() throws {
    let policy = try parsed(minimal())
    #expect(policy.secrets.isEmpty && policy.disk == nil && policy.landlock == nil)
    #expect(policy.network.tcp == nil && policy.network.hosts.isEmpty && policy.network.nameservers.isEmpty)
    #expect(!policy.cpu.coreScheduling.value)
  }

  @Test func theWallOfAFullPolicyIsReadInFull() throws {
    let policy = try parsed(fullPolicy)
    guard case .files(let secrets) = policy.secrets else { throw Missing() }
    #expect(secrets.map(\.name.value) == ["api-key", "db-password"])
    #expect(secrets.map(\.source.value) == ["/etc/isolated/secrets/api-key", "/etc/isolated/secrets/pg"])
    #expect(secrets.map(\.mode) == [0o400, 0o440])
    #expect(secrets.map(\.owner?.value) == [nil, .name("postgres")])
    #expect(policy.disk?.max?.value.bytes == 10 << 30)
    #expect(policy.disk?.inodes?.value.number == 1_500_000)
    #expect(policy.landlock?.value == true)
    #expect(policy.network.tcp?.value.bind?.map(\.value) == [0, 8080])
    #expect(policy.network.tcp?.value.connect?.map(\.value) == [5432])
    #expect(policy.network.hosts.map(\.name.value) == ["db.internal", "db6"])
    #expect(policy.network.hosts.map(\.address.value.text) == ["10.0.0.5", "fd00::5"])
    #expect(policy.network.nameservers.map(\.value.text) == ["10.0.0.2", "::1"])
    #expect(policy.root.temporary.map(\.inodes?.value.number) == [20_000, nil, nil])
    #expect(policy.cpu.coreScheduling.value)
  }

  struct Missing: Error {}

  @Test func aDirectoryOfSecretsIsOnePath() throws {
    let policy = try parsed(minimal("secrets: /etc/isolated/secrets"))
    #expect(policy.secrets == .directory(Positioned("/etc/isolated/secrets")))
  }

  @Test(arguments: [
    ("secrets: relative", "invalid-value 4:10"), ("secrets: 5", "wrong-type 4:10"),
    ("secrets: [{name: a}]", "missing-key 4:11"), ("secrets: [/s/a, {source: /t/a}]", "conflict 4:26"),
    ("secrets: [{name: ../a, source: /s/a}]", "invalid-value 4:18"),
    ("secrets: [{name: .a, source: /s/a}]", "invalid-value 4:18"), ("secrets: [/s/.hidden]", "invalid-value 4:11"),
    ("secrets: [{name: -a, source: /s/a}]", "invalid-value 4:18"),
    ("secrets: [{name: \"\", source: /s/a}]", "invalid-value 4:18"),
    ("secrets: [{name: a/b, source: /s/a}]", "invalid-value 4:18"),
    ("secrets: [{source: /s/../a}]", "invalid-value 4:20"),
    ("secrets: [{source: /s/a, mode: \"4400\"}]", "invalid-value 4:32"),
    ("secrets: [{source: /s/a, value: x}]", "unknown-key 4:26"),
  ])
  func aSecretThatCouldLandElsewhereIsRefused(line: String, place: String) {
    #expect(places(minimal(line)) == ["policy.\(place)"])
  }

  @Test(arguments: [
    "root: {writable: [/run]}", "root: {readable: [{path: /run/secrets, source: /srv}]}",
    "root: {tmpfs: [{path: /run/secrets, size: 1MiB}]}", "root: {readable: [{path: /run/secrets/a, source: /srv}]}",
  ])
  func nothingIsMountedWhereTheSecretsAre(line: String) {
    #expect(faults(minimal(line, "secrets: [/s/a]")).map(\.code) == ["policy.conflict"])
    #expect(faults(minimal(line)).isEmpty)
  }

  @Test func secretsFitIntoAFileSystemInMemory() {
    #expect(faults(minimal("root: {tmpfs: [{path: /run, size: 1MiB}]}", "secrets: [/s/a]")).isEmpty)
  }

  @Test(arguments: [
    ("disk: {}", "missing-key 4:7"), ("disk: {max: 1KiB}", "out-of-range 4:13"),
    ("disk: {max: 10}", "invalid-value 4:13"), ("disk: {inodes: 0}", "out-of-range 4:16"),
    ("disk: {inodes: 1.0005k}", "invalid-value 4:16"), ("disk: {inodes: 1m}", "invalid-value 4:16"),
    ("disk: {inodes: 99999999999G}", "invalid-value 4:16"),
  ])
  func aBoundOnDiskSpaceIsANumberThatTheKernelCanHold(line: String, place: String) {
    #expect(places(minimal(line, "root: {writable: [/srv/a]}")) == ["policy.\(place)"])
  }

  @Test func aBoundOnDiskSpaceNeedsDiskSpaceToBound() {
    #expect(places(minimal("disk: {max: 1GiB}")) == ["policy.conflict 4:13"])
    #expect(faults(minimal("disk: {max: 1GiB}", "root: {base: /srv/i, overlay: /srv/o}")).isEmpty)
  }

  @Test(arguments: [
    ("network: {tcp: {}}", "missing-key 4:16"), ("network: {tcp: {bind: [65536]}}", "out-of-range 4:24"),
    ("network: {tcp: {bind: 80}}", "wrong-type 4:23"), ("network: {dns: [a.example]}", "invalid-value 4:17"),
    ("network: {dns: [1.1.1.1, 1.0.0.1, 8.8.8.8, 8.8.4.4]}", "out-of-range 4:44"),
    ("network: {hosts: {a_b: 10.0.0.1}}", "invalid-value 4:19"),
    ("network: {hosts: {\"a\\nb\": 10.0.0.1}}", "invalid-value 4:19"),
    ("network: {hosts: {a: \"10.0.0.1 evil\"}}", "invalid-value 4:22"),
    ("network: {hosts: {a: 10.0.0.256}}", "invalid-value 4:22"),
  ])
  func anEntryOfTheNetworkThatNoFileCouldHoldIsRefused(line: String, place: String) {
    #expect(places(minimal(line)) == ["policy.\(place)"])
  }

  @Test(arguments: ["0.0.0.0", "255.255.255.255", "::", "::1", "fd00::5", "1:2:3:4:5:6:7:8", "1::8", "1:2:3:4:5:6:7::"])
  func anAddressIsTakenAsItIsWritten(text: String) throws {
    #expect(try NetworkAddress(parsing: text).description == text)
  }

  @Test(arguments: [
    "", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.256", "1.2.3.-4", " 1.2.3.4", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9",
    "1::2::3", ":::", "1:2:3:4:5:6:7::8", "g::", "12345::", "fe80::1%eth0", "::ffff:1.2.3.4", ":1", "1:", "::1\n",
    String(repeating: "1:", count: 40),
  ])
  func whatIsNoAddressIsRefused(text: String) {
    #expect(throws: QuantityError.self) { try NetworkAddress(parsing: text) }
  }

  @Test(arguments: [("1", 1), ("20k", 20_000), ("1M", 1_000_000), ("1.5M", 1_500_000), ("2G", 2_000_000_000)])
  func aCountHasUnitsOfAThousand(text: String, number: UInt64) throws {
    let count = try ItemCount(parsing: text)
    #expect(count.number == number)
    #expect(try ItemCount(parsing: count.description) == count)
  }

  @Test func rulesForPortsNeedLandlock() {
    #expect(
      faults(minimal("landlock: false", "network: {tcp: {bind: []}}")).map(\.code) == ["policy.conflict"])
    #expect(faults(minimal("landlock: false")).isEmpty)
  }

  @Test func onlyWritablePathsChooseTheirIds() {
    #expect(faults(minimal("root: {readable: [{path: /a, ids: tenant}]}")).map(\.code) == ["policy.unknown-key"])
    #expect(
      faults(minimal("root: {writable: [{path: /a, ids: mine}]}")).map(\.code) == ["policy.invalid-value"])
  }
}
