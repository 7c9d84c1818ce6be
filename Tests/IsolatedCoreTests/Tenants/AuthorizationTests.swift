import ControlProtocol
import Faults
import Policy
import Sandbox
import Testing

@testable import IsolatedCore

@Suite struct AuthorizationTests {
  private func policy(_ allow: String) throws -> TenantPolicy {
    try PolicyDocument.parse(
      text: "tenant: t\ncommand: [/bin/true]\nmemory: {max: 1MiB}\n\(allow)", file: "p.yaml")
  }

  private func peer(_ uid: UInt32, groups: [UInt32] = []) -> ControlPeer {
    ControlPeer(uid: uid, gid: uid, pid: 1, groups: groups)
  }

  @Test func rootMayDoAnything() throws {
    try Authorization.checkSpawn(
      Spawn.Request(document: "x", command: ["/bin/sh"]), policy: try policy(""), peer: peer(0))
    try Authorization.checkAccess(to: "t", owner: 1000, peer: peer(0))
  }

  @Test func othersNeedAnInstalledPolicyThatNamesThem() throws {
    let installed = Spawn.Request(policy: "t")
    #expect(throws: Fault.self) {
      try Authorization.checkSpawn(installed, policy: policy(""), peer: peer(1000))
    }
    #expect(throws: Fault.self) {
      try Authorization.checkSpawn(
        Spawn.Request(document: "x"), policy: policy("allow: {users: [1000]}"), peer: peer(1000))
    }
    try Authorization.checkSpawn(installed, policy: policy("allow: {users: [1000]}"), peer: peer(1000))
    try Authorization.checkSpawn(installed, policy: policy("allow: {groups: [50]}"), peer: peer(1000, groups: [50]))
    #expect(throws: Fault.self) {
      try Authorization.checkSpawn(installed, policy: policy("allow: {groups: [51]}"), peer: peer(1000, groups: [50]))
    }
  }

  @Test func anotherCommandOrEnvironmentNeedsItsOwnPermission() throws {
    let allowed = "allow: {users: [1000]"
    for request in [
      Spawn.Request(policy: "t", command: ["/bin/sh"]), Spawn.Request(policy: "t", environment: ["LD_PRELOAD": "x"]),
    ] {
      #expect(throws: Fault.self) {
        try Authorization.checkSpawn(request, policy: policy(allowed + "}"), peer: peer(1000))
      }
      try Authorization.checkSpawn(request, policy: policy(allowed + ", command_override: true}"), peer: peer(1000))
    }
  }

  @Test func aFurtherCommandNeedsThePolicysWordAndAnotherUserNeedsRoot() throws {
    let plain = Exec.Request(name: "a", command: ["sh"])
    let asRoot = Exec.Request(name: "a", command: ["sh"], user: "root")
    var record = StateStoreTests.record("a")
    #expect(throws: Fault.self) { try Authorization.checkExec(plain, record: record, peer: peer(1000)) }
    let profile = PayloadProfile(planVersion: 1, records: "")
    record.entry = EntryRecord(profile: profile, root: "/", grantsCommands: false)
    #expect(throws: Fault.self) { try Authorization.checkExec(plain, record: record, peer: peer(1000)) }
    try Authorization.checkExec(asRoot, record: record, peer: peer(0))
    record.entry?.grantsCommands = true
    try Authorization.checkExec(plain, record: record, peer: peer(1000))
    #expect(throws: Fault.self) { try Authorization.checkExec(asRoot, record: record, peer: peer(1000)) }
  }

  @Test func aTenantIsItsOwnersAlone() {
    #expect(throws: Fault.self) { try Authorization.checkAccess(to: "t", owner: 1001, peer: peer(1000)) }
  }
}
