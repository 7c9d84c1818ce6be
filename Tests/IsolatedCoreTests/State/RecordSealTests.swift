import Faults
import Glibc
import Kernel
import Testing

@testable import IsolatedCore

@Suite struct RecordSealTests {
  private let text = Array(#"{"name":"a","pid":42}"#.utf8)

  @Test func whatWasSealedOpensToTheSameObject() throws {
    let sealed = RecordSeal.seal(text)
    #expect(RecordSeal.open(sealed) == text)
    #expect(RecordSeal.open(text) == text, "records of daemons before the sum have none")
  }

  @Test func noCutAndNoChangeGoesUnnoticed() {
    let sealed = RecordSeal.seal(text)
    for count in 0..<sealed.count {
      let cut = Array(sealed.prefix(count))
      // Shorter than the seal's own opening it is no JSON anyway.
      if count >= 8 { #expect(RecordSeal.open(cut) == nil, "\(count)") }
    }
    for index in 8..<sealed.count {
      for bit in 0..<8 {
        var changed = sealed
        changed[index] ^= 1 << UInt8(bit)
        #expect(RecordSeal.open(changed) == nil, "byte \(index), bit \(bit)")
      }
    }
    #expect(RecordSeal.open(sealed + sealed) == nil)
  }

  @Test func aDamagedRecordComesFromItsCopyAndIsMended() throws {
    let directory = try TemporaryDirectory()
    let store = try StateStore(directory: directory.path)
    try store.save(StateStoreTests.record("a"))
    let record = directory.path + "/a.json"
    let whole = try SmallFile.readBytes(record, limit: 1 << 20)
    for count in [0, 1, 30, whole.count - 1] {
      try SmallFile.replace(record, with: Array(whole.prefix(count)))
      let (records, damaged) = try store.load()
      #expect(records.map(\.name) == ["a"] && records.first?.exit?.status == 3)
      #expect(damaged.count == 1)
      #expect(try SmallFile.readBytes(record, limit: 1 << 20) == whole)
    }
    unlink(record)
    #expect(try store.load().records.map(\.name) == ["a"], "also where only the copy is left")
    try store.remove("a")
    #expect(try store.recordedNames().isEmpty)
  }

  @Test func aRecordUnderAnotherNameIsNotBelieved() throws {
    let directory = try TemporaryDirectory()
    let store = try StateStore(directory: directory.path)
    try store.save(StateStoreTests.record("a"))
    let bytes = try SmallFile.readBytes(directory.path + "/a.json", limit: 1 << 20)
    try SmallFile.replace(directory.path + "/b.json", with: bytes)
    #expect(try store.load().records.map(\.name) == ["a"])
  }

  @Test func aPredecessorsRecordIsRead() throws {
    let directory = try TemporaryDirectory()
    let store = try StateStore(directory: directory.path)
    try SmallFile.replace(
      directory.path + "/old.json",
      with: Array(
        """
        {"version":1,"name":"old","policy":"p","owner":5,"pid":42,"startTicks":7,"startedMicroseconds":1,\
        "command":["/bin/true"],"group":"/g","firstIdentity":268435456,"limits":[{"file":"memory.max","text":"1"}],\
        "capabilities":[],"seccomp":"default","notEnforced":[],"reservedMemory":0,"maximumMemory":1,\
        "logPlace":"journal","stopSignal":15,"stopGraceMicroseconds":10,"isForeground":false}
        """.utf8))
    let (records, damaged) = try store.load()
    #expect(records.first?.owner == 5 && records.first?.startedBootMicroseconds == nil)
    #expect(damaged.isEmpty)
  }
}
