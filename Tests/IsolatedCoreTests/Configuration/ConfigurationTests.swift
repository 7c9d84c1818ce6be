import Faults
import FoundationEssentials
import Policy
import Testing

@testable import IsolatedCore

@Suite struct ConfigurationTests {
  private func places(_ text: String) -> [String] {
    do {
      _ = try ConfigurationDocument.parse(text: text, file: "c.yaml")
      return []
    } catch {
      return error.faults.map { "\($0.code.rawValue) \($0.position?.line ?? 0):\($0.position?.column ?? 0)" }
    }
  }

  private func sample() throws -> String {
    var root = URL(fileURLWithPath: #filePath)
    for _ in 0..<4 { root = root.deletingLastPathComponent() }
    return String(
      decoding: try Data(contentsOf: root.appendingPathComponent("systemd/isolated.yaml")), as: UTF8.self)
  }

  @Test(arguments: ["", "# nothing\n", "---\n", "{}\n", "\n\n"])
  func anEmptyFileGivesTheDefaults(text: String) throws {
    #expect(try ConfigurationDocument.parse(text: text, file: "c.yaml") == DaemonConfiguration())
  }

  @Test func theSampleShowsTheDefaultsAndEveryKey() throws {
    #expect(try ConfigurationDocument.parse(text: sample(), file: "c.yaml") == DaemonConfiguration())
    let lines = try sample().split(separator: "\n", omittingEmptySubsequences: false).map { line in
      line.hasPrefix("#") && !line.hasPrefix("# ") ? String(line.dropFirst()) : String(line)
    }
    let text = lines.joined(separator: "\n")
    let given = try ConfigurationDocument.parse(text: text, file: "c.yaml")
    #expect(given == DaemonConfiguration())
    #expect(given.socket.position != nil && given.logs.fileSize.position != nil)
    for key in ConfigurationDocument.keys.keys.values.joined() { #expect(text.contains("\(key):"), "\(key)") }
  }

  @Test func everyKeyIsReadWithItsPlace() throws {
    let configuration = try ConfigurationDocument.parse(
      text: """
        socket: /a/s
        group: 7
        policies: [/a/p]
        tenants: /a/t
        state: /a/r
        persistent_state: /a/l
        cgroup: {parent: /sys/fs/cgroup/t}
        tenant_init: /a/i
        ids: {first: 1879048192, count: 65536}
        admission: {memory: {overcommit: true, reserve: 1GiB}, tenants: 9}
        logs: {directory: /a/g, rate: 1MiB/s, burst: 2MiB, file_size: 3MiB}
        seccomp_cache: /a/c
        metrics: {listen: "[::1]:80", tls: {certificate: /a/t.crt, key: /a/t.key}, token_file: /a/t}
        """, file: "c.yaml")
    #expect(configuration.socket.value == "/a/s")
    #expect(configuration.group.value == .id(7))
    #expect(configuration.policyDirectories.map(\.value) == ["/a/p"])
    #expect(configuration.tenantsDirectory.value == "/a/t")
    #expect(configuration.stateDirectory.value == "/a/r")
    #expect(configuration.persistentStateDirectory.value == "/a/l")
    #expect(configuration.groupParent.value == .directory("/sys/fs/cgroup/t"))
    #expect(configuration.tenantInit.value == "/a/i")
    #expect(configuration.identityRanges.first.value == 1_879_048_192)
    #expect(configuration.identityRanges.count.value == 65_536)
    #expect(configuration.admission.memoryOvercommit.value)
    #expect(configuration.admission.memoryReserve.value.bytes == 1 << 30)
    #expect(configuration.admission.tenants.value == 9)
    #expect(configuration.logs.directory.value == "/a/g")
    #expect(configuration.logs.rate.value.bytesPerSecond == 1 << 20)
    #expect(configuration.logs.burst.value.bytes == 2 << 20)
    #expect(configuration.logs.fileSize.value.bytes == 3 << 20)
    #expect(configuration.seccompCacheDirectory.value == "/a/c")
    #expect(configuration.metrics.listen.value?.description == "[::1]:80")
    #expect(
      configuration.metrics.tls?.certificate.value == "/a/t.crt" && configuration.metrics.tls?.key.value == "/a/t.key")
    #expect(configuration.metrics.tokenFile?.value == "/a/t")
    #expect(configuration.metrics.tokenFile?.position == Fault.Position(file: "c.yaml", line: 13, column: 88))
    #expect(configuration.group.position == Fault.Position(file: "c.yaml", line: 2, column: 8))
  }

  @Test(arguments: [
    ("scoket: /a", "unknown-key 1:1"), ("socket: run/a", "invalid-value 1:9"),
    ("socket: /", "invalid-value 1:9"),
    ("socket: /\(String(repeating: "a", count: 107))", "out-of-range 1:9"),
    ("group: \"a b\"", "invalid-value 1:8"),
    ("group: -1", "out-of-range 1:8"), ("policies: /a", "wrong-type 1:11"),
    ("policies: [a]", "invalid-value 1:12"),
    ("cgroup: {parent: sytemd}", "invalid-value 1:18"), ("cgroup: systemd", "wrong-type 1:9"),
    ("ids: {first: 0}", "out-of-range 1:14"), ("ids: {first: 65537}", "invalid-value 1:14"),
    ("ids: {count: 100000}", "invalid-value 1:14"), ("ids: {first: 4294901760}", "conflict 1:14"),
    ("ids: {first: 0x10000000}", "implicit-number 1:14"), ("ids: {count: 4294901760}", "conflict 1:14"),
    ("admission: {memory: {overcommit: yes}}", "implicit-boolean 1:34"),
    ("admission: {memory: {reserve: 256}}", "invalid-value 1:31"),
    ("admission: {tenants: 0}", "out-of-range 1:22"),
    ("logs: {rate: 0/s}", "out-of-range 1:14"), ("logs: {size: 1MiB}", "unknown-key 1:8"),
    ("metrics: {listen: localhost:80}", "invalid-value 1:19"), ("metrics: {listen: \":80\"}", "invalid-value 1:19"),
    ("metrics: {listen: 127.0.0.1}", "invalid-value 1:19"), ("metrics: {listen: 9273}", "wrong-type 1:19"),
    ("metrics: {listen: \"[::1]:0\"}", "invalid-value 1:19"), ("metrics: {port: 1}", "unknown-key 1:11"),
    ("metrics: {token_file: token}", "invalid-value 1:23"), ("metrics: {tls: {key: /k}}", "missing-key 1:16"),
    ("metrics: none", "wrong-type 1:10"),
    ("state: &a /x", "anchor 1:8"), ("- a", "wrong-type 1:1"), ("state: [", "syntax 2:1"),
    ("state: /a\nstate: /b", "duplicate-key 2:1"), ("state:", "wrong-type 1:7"),
  ])
  func whatIsWrongIsToldWhereItStands(text: String, place: String) {
    #expect(places(text) == ["configuration.\(place)"])
  }

  @Test(arguments: [
    ("127.0.0.1:9273", "127.0.0.1:9273", true), ("127.8.9.1:1", "127.8.9.1:1", true),
    ("0.0.0.0:65535", "0.0.0.0:65535", false),
    ("[::1]:9273", "[::1]:9273", true), ("[0:0::1]:1", "[::1]:1", true), ("[::]:80", "[::]:80", false),
    ("[::ffff:127.0.0.1]:80", "[::ffff:127.0.0.1]:80", true), ("[::ffff:10.0.0.1]:80", "[::ffff:10.0.0.1]:80", false),
    ("192.168.0.1:80", "192.168.0.1:80", false),
  ])
  func addressesAreReadAndWritten(text: String, written: String, isLoopback: Bool) throws {
    let address = try #require(ListenAddress(text))
    #expect(address.description == written && address.isLoopback == isLoopback)
  }

  @Test(arguments: [
    "", ":", ":80", "80", "localhost:80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:080",
    "127.0.0.1:-1", "127.0.0.1:+1", "127.1:80", "::1:80", "[::1]", "[::1]80", "[127.0.0.1]:80", "[fe80::1%eth0]:80",
    "*:80",
    "127.0.0.1:80 ", "127.0.0.1\u{0}:80", "[]:80", "[:80", "127.0.0.1:8\u{0}",
  ])
  func whatIsNoAddressWithAPortIsNone(text: String) {
    #expect(ListenAddress(text) == nil)
  }
}
