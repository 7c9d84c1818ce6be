import ControlProtocol
import Faults
import Glibc
import Kernel
import Sandbox
import Testing

@testable import IsolatedCore

@Suite struct StateStoreTests {
  static func record(_ name: String) -> TenantRecord {
    TenantRecord(
      name: name, policy: "p", owner: 0, pid: 42, startTicks: 7, startedMicroseconds: 1, command: ["/bin/true"],
      group: "/sys/fs/cgroup/x", firstIdentity: 1 << 28, limits: [.init(file: "memory.max", text: "1")],
      capabilities: [], seccomp: "default", notEnforced: [], reservedMemory: 0, maximumMemory: 1, logPlace: .file,
      stopSignal: 15, stopGraceMicroseconds: 10, isForeground: false,
      exit: Exit(status: 3, cause: .exited, durationUsec: 9))
  }

  @Test func whatWasSavedIsLoadedAndWhatWasRemovedIsGone() throws {
    let directory = try TemporaryDirectory()
    let store = try StateStore(directory: directory.path)
    try store.save(Self.record("a"))
    try store.save(Self.record("b"))
    try store.remove("b")
    try store.remove("b")
    let (records, damaged) = try store.load()
    #expect(records.map(\.name) == ["a"])
    #expect(records.first?.exit?.status == 3)
    #expect(damaged.isEmpty)
  }

  @Test func whatAFurtherCommandNeedsSurvivesTheDaemonAndMayBeMissing() throws {
    let directory = try TemporaryDirectory()
    let store = try StateStore(directory: directory.path)
    var record = Self.record("a")
    record.entry = EntryRecord(
      profile: PayloadProfile(planVersion: 1, records: "IQAAAAAAAAA="), root: "/srv/root", grantsCommands: true)
    try store.save(record)
    try store.save(Self.record("older"))
    let entries = try store.load().records.map(\.entry)
    #expect(entries.first??.profile == record.entry?.profile)
    #expect(entries.first??.root == "/srv/root")
    #expect(entries.first??.grantsCommands == true)
    #expect(entries.count == 2 && entries[1] == nil)
  }

  @Test func theTerminalThatARestartNeedsSurvivesTheDaemonAndMayBeMissing() throws {
    let directory = try TemporaryDirectory()
    let store = try StateStore(directory: directory.path)
    var record = Self.record("a")
    record.terminal = TerminalRequest(rows: 24, columns: 80, term: "xterm")
    try store.save(record)
    try store.save(Self.record("none"))
    #expect(try store.load().records.map(\.terminal) == [record.terminal, nil])
  }

  @Test func aDamagedFileHidesNoOther() throws {
    let directory = try TemporaryDirectory()
    let store = try StateStore(directory: directory.path)
    try store.save(Self.record("good"))
    try SmallFile.replace(directory.path + "/cut.json", with: Array("{\"name\": \"cu".utf8))
    let (records, damaged) = try store.load()
    #expect(records.map(\.name) == ["good"])
    #expect(damaged.map(\.code) == [.damagedState])
  }

  @Test func whatAStartLeftThatWasCutOffGoesAndWhatARecordNeedsStays() throws {
    let directory = try TemporaryDirectory()
    let store = try StateStore(directory: directory.path)
    try store.save(Self.record("kept"))
    _ = try store.makeExitFile("kept")
    _ = try store.makeExitFile("cut-off")
    try SmallFile.replace(directory.path + "/damaged.json", with: Array("{".utf8))
    _ = try store.makeExitFile("damaged")
    try SmallFile.replace(directory.path + "/half.json.new", with: Array("{".utf8))
    try store.removeStrays()
    #expect(store.exitBytes("kept") != nil)
    #expect(store.exitBytes("damaged") != nil)
    #expect(store.exitBytes("cut-off") == nil)
    #expect(access(directory.path + "/half.json.new", F_OK) != 0)
  }

  @Test func theExitFileHasItsFullSizeFromTheStartAndSaysNothingYet() throws {
    let directory = try TemporaryDirectory()
    let store = try StateStore(directory: directory.path)
    _ = try store.makeExitFile("a")
    let bytes = try #require(store.exitBytes("a"))
    #expect(bytes.count == ExitRecord.byteCount)
    #expect(ExitRecord(bytes) == nil)
  }

  @Test func aRecordOfANewerDaemonIsNotGuessedAt() throws {
    let directory = try TemporaryDirectory()
    let store = try StateStore(directory: directory.path)
    var record = Self.record("new")
    record.version = TenantRecord.currentVersion + 1
    try store.save(record)
    let (records, damaged) = try store.load()
    #expect(records.isEmpty)
    #expect(damaged.map(\.code) == [.damagedState, .damagedState], "the record and its copy")
  }
}
