import CgroupKit
import Glibc
import Testing

@testable import IsolatedCore

@Suite struct TenantCollectorTests {
  @Test func whoEndsMeanwhileIsLeftOutAndNoError() throws {
    let host = try FakeIOHost()
    let tenants = try ["a", "b"].map { try SampleReadings.tenant(host, $0) }
    let collector = TenantCollector(mostKept: 100)
    #expect(collector.collect(tenants).map(\.snapshot.name) == ["a", "b"])
    try host.remove("tenants/a")
    #expect(collector.collect(tenants).map(\.snapshot.name) == ["b"])
    #expect(collector.errors.isEmpty)
    // And who had gone before anybody looked.
    let early = try SampleReadings.tenant(host, "c")
    try host.remove("tenants/c")
    #expect(collector.collect([early]).isEmpty && collector.errors.isEmpty && collector.kept == 0)
  }

  @Test func aFileThatMakesNoSenseIsCountedAndTheRestIsTold() throws {
    let host = try FakeIOHost()
    let tenant = try SampleReadings.tenant(host, "a")
    host.put("not a number\n", "groups/tenants/a/memory.current")
    host.put("259:3 rbytes=-1\n", "groups/tenants/a/io.stat")
    let collector = TenantCollector(mostKept: 100)
    for _ in 0..<2 {
      let readings = try #require(collector.collect([tenant]).first?.readings)
      #expect(readings.memory == nil && readings.io.isEmpty && readings.cpu?.usage == 3_000_000)
    }
    #expect(collector.errors == ["memory.current": 2, "io.stat": 2])
  }

  @Test func whatAHostDoesntHaveIsAbsentAndNoError() throws {
    let host = try FakeIOHost()
    let tenant = try SampleReadings.tenant(host, "a")
    for file in ["cpu.pressure", "memory.peak", "memory.swap.current", "pids.current"] {
      unlink("\(host.root)/groups/tenants/a/\(file)")
    }
    let collector = TenantCollector(mostKept: 100)
    let readings = try #require(collector.collect([tenant]).first?.readings)
    #expect(readings.pids == nil && readings.swap == nil && readings.memoryPeak == nil)
    #expect(readings.pressures.map(\.resource) == [.memory, .io])
    #expect(collector.errors.isEmpty)
  }

  @Test func descriptorsAreKeptUpToTheMostAndGivenBack() throws {
    let host = try FakeIOHost()
    let tenants = try ["a", "b", "c"].map { try SampleReadings.tenant(host, $0) }
    let collector = TenantCollector(mostKept: 12)
    for _ in 0..<3 {
      let collected = collector.collect(tenants)
      #expect(
        collected.count == 3 && collected.allSatisfy { $0.readings.pids == 17 && $0.readings.pressures.count == 3 })
      #expect(collector.kept == 12)
    }
    #expect(collector.collect([tenants[1]]).count == 1)
    #expect(collector.kept == 4)
    _ = collector.collect([tenants[1]])
    #expect(collector.kept == 8)
    #expect(collector.collect([]).isEmpty && collector.kept == 0)
  }

  @Test func whereDescriptorsArePlentyAllFilesStayOpen() throws {
    let host = try FakeIOHost()
    let tenant = try SampleReadings.tenant(host, "a")
    let collector = TenantCollector(mostKept: 262_144)
    #expect(collector.collect([tenant]).count == 1 && collector.kept == 10)
    host.put("7\n", "groups/tenants/a/memory.peak")
    #expect(collector.collect([tenant]).first?.readings.memoryPeak == 7 && collector.kept == 10)
  }

  @Test func aLaterTenantOfTheSameNameIsReadFromItsOwnGroup() throws {
    let host = try FakeIOHost()
    let collector = TenantCollector(mostKept: 100)
    _ = collector.collect([try SampleReadings.tenant(host, "a")])
    try host.remove("tenants/a")
    let second = try SampleReadings.tenant(host, "a")
    host.put("3\n", "groups/tenants/a/pids.current")
    #expect(collector.collect([second]).first?.readings.pids == 3)
    #expect(collector.kept == 8)
  }

  @Test func ofMoreDevicesThanAreExportedTheLowestStay() throws {
    let host = try FakeIOHost()
    let tenant = try SampleReadings.tenant(host, "a")
    host.put(
      (0..<40).reversed().map { "7:\($0) rbytes=\($0) wbytes=0 rios=0 wios=0 dbytes=0 dios=0\n" }.joined(),
      "groups/tenants/a/io.stat")
    let collector = TenantCollector(mostKept: 100)
    let io = try #require(collector.collect([tenant]).first?.readings.io)
    #expect(io.map(\.device.minor) == Array(0..<16))
    #expect(collector.errors == ["devices": 1])
  }

  @Test func aDiskHasItsNameAndOneWithoutItsNumbers() throws {
    let host = try FakeIOHost()
    symlink("../../devices/pci/block/sd\"a", "\(host.root)/sys/8:0")
    symlink("../../devices/virtual/block/dm-3", "\(host.root)/sys/253:3")
    var names = DeviceNames(directory: host.root + "/sys")
    func text(_ major: UInt32, _ minor: UInt32) -> String {
      String(decoding: names.label(DeviceNumber(major: major, minor: minor)).bytes, as: UTF8.self)
    }
    #expect(text(8, 0) == "device=\"sd\\\"a\"" && text(253, 3) == "device=\"dm-3\"")
    #expect(text(8, 1) == "device=\"8:1\"" && text(259, 3) == "device=\"259:3\"")
  }
}
