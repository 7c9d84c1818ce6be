import CgroupKit
import Faults
import Glibc
import IOQoS
import Testing

@testable import IsolatedCore

@Suite struct CapacityMemoryTests {
  @Test func aCapacityIsRecalledOfTheSameDiskAndCalibrationOnly() throws {
    let host = try FakeIOHost()
    let memory = CapacityMemory(directory: host.root + "/memory")
    try memory.keep(0.33, of: FakeIOHost.disk, measured: 5)
    #expect(memory.recall(FakeIOHost.disk, measured: 5) == 0.33)
    #expect(memory.recall(FakeIOHost.disk, measured: 6) == nil)
    var other = FakeIOHost.disk
    other.id = "serial-2"
    #expect(memory.recall(other, measured: 5) == nil)
  }

  @Test func smallChangesArentWritten() throws {
    let host = try FakeIOHost()
    let memory = CapacityMemory(directory: host.root + "/memory")
    for share in [0.5, 0.5049, 0.4951] { try memory.keep(share, of: FakeIOHost.disk, measured: 5) }
    #expect(memory.recall(FakeIOHost.disk, measured: 5) == 0.5)
    try memory.keep(0.51, of: FakeIOHost.disk, measured: 5)
    #expect(memory.recall(FakeIOHost.disk, measured: 5) == 0.51)
  }

  @Test(arguments: [
    "", "0.5", "nan 5 serial-1", "inf 5 serial-1", "-1 5 serial-1", "0 5 serial-1", "1e300 5 serial-1",
    "0x1p-2 6 serial-1", "0.5 5", " 5 serial-1", "0.5  5 serial-1", "\u{fffd}\0",
    String(repeating: "9", count: 9000) + " 5 serial-1",
  ])
  func whatIsNoCapacityIsForgotten(_ text: String) throws {
    let host = try FakeIOHost()
    host.put(text, "memory/capacity-259-3")
    #expect(CapacityMemory(directory: host.root + "/memory").recall(FakeIOHost.disk, measured: 5) == nil)
  }
}

@Suite struct HostLimitsTests {
  private let line = IOMaxLimits(PerDirection(read: .init(operations: 9), write: .init(bytes: 4096)))

  @Test func theFirstLineIsTheAdministrators() throws {
    let host = try FakeIOHost()
    let limits = HostLimits(directory: host.root + "/memory")
    let disk = FakeIOHost.disk.number
    #expect(try limits.limits(of: "/system.slice", on: disk, present: line) == line)
    // What is there later is the scheduler's.
    #expect(try limits.limits(of: "system.slice", on: disk, present: .none) == line)
    #expect(
      try HostLimits(directory: host.root + "/memory").limits(of: "/system.slice", on: disk, present: .none) == line)
    #expect(try limits.kept().map(\.group) == ["system.slice"])
    try limits.forget("/system.slice", on: disk)
    try limits.forget("/system.slice", on: disk)
    #expect(try limits.limits(of: "/system.slice", on: disk, present: .none) == .none)
  }

  @Test(arguments: ["", "x", "8:0 riops=5", "259:3 riops=0x5", "259:3 cpus=4", String(repeating: "1", count: 300)])
  func aDamagedLineIsNotTakenForNone(_ text: String) throws {
    let host = try FakeIOHost()
    host.put(text, "memory/host-system.slice-259-3")
    #expect(throws: Fault.self) {
      try HostLimits(directory: host.root + "/memory").limits(
        of: "/system.slice", on: FakeIOHost.disk.number, present: .none)
    }
  }

  @Test func theKernelIsNeverGivenLessThanTwo() {
    let line = IOMaxLimits(PerDirection(read: .init(operations: 0, bytes: 1), write: .init(operations: 1))).line(
      on: FakeIOHost.disk.number)
    #expect(line.kernelText == "259:3 rbps=2 wbps=max riops=2 wiops=2")
  }
}

@Suite struct DecisionLogTests {
  @Test func onlyWhatDiffersIsTakenDown() {
    var log = DecisionLog()
    log.note(disk: "a", kind: "free", at: 0, text: "1")
    log.note(disk: "a", kind: "free", at: 5_000_000_000, text: "2")
    log.note(disk: "a", kind: "held", at: 6_000_000_000, text: "3")
    log.note(disk: "a", kind: "free", at: 6_500_000_000, text: "4")
    log.note(disk: "b", kind: "free", at: 6_500_000_000, text: "5")
    log.note(disk: "a", kind: "free", at: 7_000_000_000, text: "6")
    #expect(log.entries.map(\.text) == ["1", "3", "5", "6"])
  }

  @Test func theOldestGo() {
    var log = DecisionLog()
    for number in 0..<100 {
      log.note(disk: "a", kind: "\(number)", at: Int64(number) * 2_000_000_000, text: "\(number)")
    }
    #expect(log.entries.count == DecisionLog.length && log.entries.last?.text == "99")
    log.note(disk: "a", kind: "x", at: .min, text: "a clock that went back")
    #expect(log.entries.count == DecisionLog.length)
  }
}
