import Faults
import Policy
import Testing

@testable import IsolatedCore

@Suite struct ReloadTests {
  private func configuration(_ text: String) throws -> DaemonConfiguration {
    try ConfigurationDocument.parse(text: text, file: "c.yaml")
  }

  @Test(arguments: [
    "", "group: daemon", "policies: [/a]", "tenants: /a", "admission: {tenants: 5}",
    "admission: {memory: {overcommit: true, reserve: 1GiB}}", "logs: {rate: 1MiB/s, burst: 2MiB, file_size: 3MiB}",
  ])
  func whatALiveDaemonCanTakeOverIsAccepted(text: String) throws {
    try DaemonConfiguration().checkReload(to: configuration(text))
    try configuration(text).checkReload(to: DaemonConfiguration())
  }

  @Test(arguments: [
    ("socket: /a", "socket"), ("state: /a", "state"), ("persistent_state: /a", "persistent_state"),
    ("cgroup: {parent: systemd}", "cgroup"), ("tenant_init: /a", "tenant_init"),
    ("ids: {first: 1879048192, count: 65536}", "ids"), ("logs: {directory: /a}", "logs"),
    ("seccomp_cache: /a", "seccomp_cache"),
  ])
  func whatNeedsARestartIsRefusedByItsNameAndPlace(text: String, key: String) throws {
    let new = try configuration("admission: {tenants: 5}\n\(text)")
    let fault = #expect(throws: Fault.self) { try DaemonConfiguration().checkReload(to: new) }
    #expect(fault?.code == .needsRestart)
    #expect(fault?.message.contains(key) == true)
    #expect(fault?.position?.line == 2)
  }

  @Test func everyKeyThatNeedsARestartIsNamed() throws {
    let new = try configuration("socket: /a\nstate: /b\nids: {count: 65536}")
    let fault = #expect(throws: Fault.self) { try DaemonConfiguration().checkReload(to: new) }
    #expect(fault?.others.map(\.position?.line) == [2, 3])
  }

  /// A key that somebody adds must be sorted into one kind or the other.
  @Test func everyKeyIsEitherTakenOverOrRefused() throws {
    let values = [
      "socket": "/a", "group": "daemon", "policies": "[/a]", "tenants": "/a", "state": "/a",
      "persistent_state": "/a", "cgroup": "{parent: systemd}", "tenant_init": "/a", "ids": "{count: 65536}",
      "admission": "{tenants: 7}", "logs": "{directory: /a}", "seccomp_cache": "/a",
      "metrics": "{listen: 127.0.0.1:9999}",
    ]
    let live = ["group", "policies", "tenants", "admission", "metrics"]
    for key in ConfigurationDocument.keys.keys[""] ?? [] {
      let value = try #require(values[key], "\(key): say here whether a reload may change it")
      let new = try configuration("\(key): \(value)")
      if live.contains(key) {
        try DaemonConfiguration().checkReload(to: new)
        #expect(new != DaemonConfiguration())
      } else {
        #expect(throws: Fault.self, "\(key)") { try DaemonConfiguration().checkReload(to: new) }
      }
    }
  }

  @Test func aReloadChangesWhatIsSoldAndNotWhatIsSold() throws {
    var ledger = MemoryLedger(total: 1000, hostReserve: 0, allowsOvercommit: false)
    try ledger.admit("a", reserved: 400, maximum: 900)
    ledger.change(hostReserve: 500, allowsOvercommit: false)
    #expect(ledger.maximum == 900 && ledger.sellable == 500)
    #expect(throws: Fault.self) { try ledger.admit("b", reserved: 0, maximum: 1) }
    ledger.change(hostReserve: 500, allowsOvercommit: true)
    try ledger.admit("b", reserved: 100, maximum: 5000)
    #expect(throws: Fault.self) { try ledger.admit("c", reserved: 1, maximum: 1) }
    ledger.release("a")
    #expect(ledger.maximum == 5000)
  }
}
