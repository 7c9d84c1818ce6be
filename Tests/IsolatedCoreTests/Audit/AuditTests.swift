import ControlProtocol
import Faults
import Glibc
import Kernel
import Testing

@testable import IsolatedCore

@Suite struct AuditTests {
  private let directory: TemporaryDirectory
  private let journal: FakeJournal

  init() throws {
    directory = try TemporaryDirectory()
    journal = try FakeJournal()
  }

  private func trail(_ path: String? = nil, mostBytes: Int = 1 << 20) throws -> (AuditLog, AuditFile) {
    let file = AuditFile(path: directory.path + "/audit.log", mostBytes: mostBytes) { _, _ in }
    return (AuditLog(journal: try JournalSocket(path: path ?? journal.path), file: file, now: { 0 }), file)
  }

  private static let peer = ControlPeer(uid: 1000, gid: 100, pid: getpid(), groups: [100])

  // MARK: Entries

  @Test func anEntryHasTheProtocolsBytes() {
    #expect(
      JournalEntry.encode([("A", "b=c"), ("D", "e\nF=g")])
        == Array("A=b=c\nD\n".utf8) + [5, 0, 0, 0, 0, 0, 0, 0] + Array("e\nF=g\n".utf8))
  }

  @Test func whateverAValueIsItComesBackAsOneField() throws {
    var generator = SystemRandomNumberGenerator()
    let scalars: [Unicode.Scalar] = ["\n", "=", "\0", "\u{1b}", "A", "é", "\u{2028}", "\r", "\u{7f}", " "]
    for _ in 0..<2000 {
      let values = (0..<Int.random(in: 0...4, using: &generator)).map { _ in
        var value = ""
        for _ in 0..<Int.random(in: 0...12, using: &generator) {
          value.unicodeScalars.append(scalars.randomElement(using: &generator) ?? "x")
        }
        return value
      }
      let fields = values.enumerated().map { (name: "F\($0.offset)", value: $0.element) }
      let parsed = try FakeJournal.parse(JournalEntry.encode(fields))
      #expect(parsed.map(\.name) == fields.map(\.name))
      #expect(parsed.map(\.value) == fields.map { Array($0.value.utf8) })
    }
  }

  @Test func noNameCanForgeAnotherField() throws {
    let (audit, _) = try trail()
    var record = AuditRecord(.spawn, by: Self.peer, tenant: "web\nISOLATED_RESULT=done\n_UID=0")
    record.policy = "p\u{1b}[2J: done"
    record.result = .denied("control.not-permitted")
    audit.record(record)
    let fields = try #require(try journal.next())
    #expect(fields.count { $0.name == "ISOLATED_RESULT" } == 1)
    #expect(!fields.contains { $0.name == "_UID" })
    let message = try #require(fields.first { $0.name == "MESSAGE" })
    #expect(message.value.allSatisfy { $0 >= 0x20 && $0 != 0x7f })
    #expect(String(decoding: message.value, as: UTF8.self).hasSuffix(": denied (control.not-permitted)"))
  }

  @Test func aRecordFitsADatagramWhateverAClientNames() throws {
    let (audit, _) = try trail()
    var record = AuditRecord(.spawn, by: Self.peer, tenant: String(repeating: "\u{1}", count: 1 << 20))
    record.policy = String(repeating: "é", count: 1 << 20)
    record.program = String(repeating: "x", count: 1 << 20)
    audit.record(record)
    let fields = try #require(try journal.nextByName())
    #expect(fields["ISOLATED_POLICY"]?.utf8.count ?? .max < 600)
    #expect(fields.values.reduce(0) { $0 + $1.utf8.count } < 32 << 10)
  }

  @Test func aRecordSaysWhoWhatAndHow() throws {
    let (audit, _) = try trail()
    var record = AuditRecord(.spawn, by: Self.peer, tenant: "web")
    record.policy = "nginx"
    record.policyDigest = String(repeating: "ab", count: 32)
    audit.record(record.with(.tenantPID, 77))
    let fields = try #require(try journal.nextByName())
    #expect(fields["SYSLOG_IDENTIFIER"] == "isolated-audit")
    #expect(fields["ISOLATED_ACTION"] == "spawn")
    #expect(fields["ISOLATED_RESULT"] == "done")
    #expect(fields["ISOLATED_UID"] == "1000")
    #expect(fields["ISOLATED_GID"] == "100")
    #expect(fields["ISOLATED_PID"] == "\(getpid())")
    #expect(fields["ISOLATED_PROCESS"]?.isEmpty == false)
    #expect(fields["ISOLATED_TENANT"] == "web")
    #expect(fields["ISOLATED_POLICY"] == "nginx")
    #expect(fields["ISOLATED_POLICY_SHA256"]?.count == 64)
    #expect(fields["ISOLATED_TENANT_PID"] == "77")
    #expect(fields["PRIORITY"] == "5")
    #expect(fields["MESSAGE"]?.hasPrefix("spawn of web from policy nginx by user 1000 (") == true)
  }

  @Test func everyKindHasAMessageIDThatJournaldTakes() {
    for action in AuditRecord.Action.allCases {
      #expect(action.messageID.count == 32 && action.messageID.allSatisfy { $0.isHexDigit && !$0.isUppercase })
    }
  }

  @Test func aProcessThatIsGoneHasNoName() {
    let gone = ControlPeer(uid: 0, gid: 0, pid: .max, groups: [])
    #expect(AuditActor(gone).process == nil)
    #expect(AuditActor(ControlPeer(uid: 0, gid: 0, pid: 0, groups: [])).process == nil)
  }

  // MARK: Where it goes

  @Test func aFullJournalLosesRecordsAndTheNextOneSaysHowMany() throws {
    let (audit, _) = try trail()
    // net.unix.max_dgram_qlen bounds what waits; nothing here blocks.
    for number in 0..<5000 { audit.record(AuditRecord(.kill, tenant: "t\(number)")) }
    var taken = 0
    while try journal.next() != nil { taken += 1 }
    try #require(taken < 5000)
    audit.record(AuditRecord(.kill, tenant: "last"))
    let lost = try #require(try journal.nextByName())
    #expect(lost["ISOLATED_ACTION"] == "lost")
    #expect(lost["ISOLATED_LOST"] == "\(5000 - taken)")
    #expect(try journal.nextByName()?["ISOLATED_TENANT"] == "last")
    #expect(try journal.next() == nil)
  }

  @Test func withoutAJournalRecordsAreLinesOfAFile() throws {
    let (audit, file) = try trail(directory.path + "/nobody")
    audit.record(AuditRecord(.kill, by: Self.peer, tenant: "a\nb").with(.signal, 9))
    audit.record(AuditRecord(.daemonStop))
    let lines = try #require(try written(file, lines: 2)).split(separator: "\n")
    #expect(lines.count == 2)
    #expect(lines[0].contains(#""ISOLATED_TENANT":"a\nb""#))
    #expect(lines[0].contains(#""ISOLATED_SIGNAL":"9""#))
    #expect(lines[0].contains(#""TIMESTAMP":""#))
    var status = stat()
    #expect(stat(directory.path + "/audit.log", &status) == 0 && status.st_mode & 0o777 == 0o600)
  }

  @Test func theFileIsRotatedWhenItIsLarge() throws {
    let (audit, file) = try trail(directory.path + "/nobody", mostBytes: 10)
    audit.record(AuditRecord(.kill, tenant: "first"))
    #expect(try written(file, lines: 1, name: "audit.log.1")?.contains("first") == true)
    audit.record(AuditRecord(.kill, tenant: "second"))
    while true {
      file.writeWaiting()
      if try text("audit.log.1")?.contains("second") == true { break }
      usleep(1000)
    }
    #expect(access(directory.path + "/audit.log", F_OK) != 0)
  }

  @Test func aFileThatIsALinkIsNotFollowed() throws {
    let faults = Guarded<[Int]>([])
    let elsewhere = directory.path + "/elsewhere"
    symlink(elsewhere, directory.path + "/audit.log")
    let file = AuditFile(path: directory.path + "/audit.log", mostBytes: 10) { _, lost in
      faults.withLock { $0.append(lost) }
    }
    #expect(file.append(AuditRecord(.daemonStart)))
    while faults.withLock({ $0.isEmpty }) {
      file.writeWaiting()
      usleep(1000)
    }
    #expect(faults.withLock { $0 } == [1])
    #expect(access(elsewhere, F_OK) != 0)
  }

  private func text(_ name: String) throws -> String? {
    let path = directory.path + "/" + name
    return access(path, F_OK) == 0 ? try SmallFile.read(path, limit: 1 << 20) : nil
  }

  /// The file's text once it has so many lines; the thread of the file writes it.
  private func written(_ file: AuditFile, lines: Int, name: String = "audit.log") throws -> String? {
    while true {
      file.writeWaiting()
      if let text = try text(name), text.utf8.count(where: { $0 == UInt8(ascii: "\n") }) >= lines { return text }
      usleep(1000)
    }
  }

  // MARK: What users may cause

  @Test func aUserWhoIsDeniedOverAndOverFillsNoJournal() {
    var bound = DenialBound()
    var denied = AuditRecord(.inspect, by: Self.peer, tenant: "x")
    denied.result = .denied("control.not-permitted")
    let admitted = (0..<1000).count { _ in bound.admit(denied, now: 0) != nil }
    #expect(admitted == 20)
    #expect(bound.admit(denied, now: 500_000_000) == 980)
    #expect(bound.admit(denied, now: 500_000_001) == nil)
    #expect(bound.admit(denied, now: .max) == 1)
  }

  @Test func whatIsDoneAndWhatRootTriesIsAlwaysRecorded() {
    var bound = DenialBound()
    let done = AuditRecord(.spawn, by: Self.peer)
    var refused = AuditRecord(.spawn, by: ControlPeer(uid: 0, gid: 0, pid: 1, groups: []))
    refused.result = .refused("policy.unknown")
    for _ in 0..<1000 {
      #expect(bound.admit(done, now: 0) == 0)
      #expect(bound.admit(refused, now: 0) == 0)
    }
  }

  @Test func aClockThatStandsOrGoesBackDoesNoHarm() {
    var bound = DenialBound()
    var denied = AuditRecord(.inspect, by: Self.peer)
    denied.result = .denied("control.not-permitted")
    for moment in [Int64.max, 0, .min, -1, .max, .min] { _ = bound.admit(denied, now: moment) }
  }

  @Test func manyUsersCostNoMoreThanABoundOfThem() {
    var bound = DenialBound()
    for user in UInt32(1)...5000 {
      var denied = AuditRecord(.inspect, by: ControlPeer(uid: user, gid: 1, pid: 0, groups: []))
      denied.result = .denied("control.not-permitted")
      #expect(bound.admit(denied, now: 0) == 0)
    }
  }
}
