import IOPlanning
import Testing

@Suite struct FileSystemUseTests {
  private func use(_ tenant: String, on number: UInt64, target: Bool = false, host: Bool = false) -> FileSystemUse {
    FileSystemUse(tenant: tenant, fileSystem: number, path: "/srv/\(tenant)", hasTarget: target, isHost: host)
  }

  @Test func anFsyncThatWaitsForOthersIsToldOf() throws {
    let uses = [use("web", on: 1), use("db", on: 1, target: true), use("db", on: 2, target: true), use("log", on: 3)]
    let warnings = FileSystemUse.warnings(uses, withoutTarget: false)
    #expect(warnings.count == 1)
    #expect(warnings.first?.hasPrefix("db shares the file system of /srv/db with web: an fsync waits") == true)
  }

  @Test func fileSystemsOfOnesOwnAreNothingToTell() {
    let uses = [use("web", on: 1), use("db", on: 2, target: true), use("db", on: 2, target: true)]
    #expect(FileSystemUse.warnings(uses, withoutTarget: true).isEmpty)
  }

  @Test func twoWritersWithoutATargetAreToldOfWhereThatIsAskedFor() {
    let uses = [use("web", on: 1), use("db", on: 1)]
    #expect(FileSystemUse.warnings(uses, withoutTarget: false).isEmpty)
    #expect(FileSystemUse.warnings(uses, withoutTarget: true).count == 1)
  }

  @Test func theHostIsANeighbourOfTargetsOnly() {
    let host = use("the host", on: 1, host: true)
    #expect(FileSystemUse.warnings([host, use("web", on: 1)], withoutTarget: true).isEmpty)
    let warnings = FileSystemUse.warnings([host, use("web", on: 1, target: true)], withoutTarget: false)
    #expect(warnings.first?.contains("with the host") == true)
  }

  @Test func aHundredWritersMakeOneSentence() {
    let uses = (0..<100).map { use("t\($0)", on: 7, target: $0 < 2) }
    let warnings = FileSystemUse.warnings(uses, withoutTarget: true)
    #expect(warnings.count == 1)
    #expect(warnings.first?.contains("and 96 more") == true)
  }
}
