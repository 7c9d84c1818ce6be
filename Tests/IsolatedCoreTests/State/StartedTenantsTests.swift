import Faults
import Glibc
import Kernel
import Testing

@testable import IsolatedCore

@Suite struct StartedTenantsTests {
  @Test func whatWasStartedIsKnownToTheNextDaemonOfTheSameLifeOnly() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path + "/started"
    var first = StartedTenants(path: path, life: "boot 1")
    #expect(first.isFirst && first.names.isEmpty)
    try first.note()
    try first.note("web")
    try first.note("db")
    let second = StartedTenants(path: path, life: "boot 1")
    #expect(!second.isFirst && second.names == ["web", "db"])
    let later = StartedTenants(path: path, life: "boot 2")
    #expect(later.isFirst && later.names.isEmpty)
  }

  @Test func aFileCutShortIsTakenAsFarAsItsLinesAreWhole() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path + "/started"
    try SmallFile.replace(path, with: Array("boot 1\nweb\ndata".utf8))
    #expect(StartedTenants(path: path, life: "boot 1").names == ["web"])
    try SmallFile.replace(path, with: Array("boot".utf8))
    #expect(StartedTenants(path: path, life: "boot 1").isFirst)
    try SmallFile.replace(path, with: [])
    #expect(StartedTenants(path: path, life: "boot 1").isFirst)
  }

  @Test func aLifeIsABootAndAGroup() throws {
    let (one, other) = (try TemporaryDirectory(), try TemporaryDirectory())
    #expect(try StartedTenants.life(of: one.path) == StartedTenants.life(of: one.path))
    #expect(try StartedTenants.life(of: one.path) != StartedTenants.life(of: other.path))
    #expect(throws: Fault.self) { try StartedTenants.life(of: one.path + "/gone") }
  }

  @Test func onlyPolicyFilesAreTakenInTheOrderOfTheirNames() throws {
    let directory = try TemporaryDirectory()
    for name in ["20-b.yaml", "10-a.yaml", ".hidden.yaml", "c.yaml~", "d.yml", "README", "e.yaml.dpkg-new"] {
      try SmallFile.replace("\(directory.path)/\(name)", with: [])
    }
    #expect(try Supervisor.policyFiles(in: directory.path) == ["10-a.yaml", "20-b.yaml"])
    #expect(try Supervisor.policyFiles(in: directory.path + "/none").isEmpty)
    #expect(throws: Fault.self) { try Supervisor.policyFiles(in: directory.path + "/README") }
  }
}
