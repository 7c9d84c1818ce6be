import CgroupKit
import Dispatch
import Faults
import Glibc
import IOQoS
import Testing

@testable import IsolatedCore

@Suite struct IOControlLoopTests {
  private static let own = "259:3 rbps=max wbps=max riops=500 wiops=max\n"

  private func limited(_ host: FakeIOHost, _ name: String) -> [IOAssignment] {
    [host.assignment(name, limit: PromisedRates(read: PromisedRate(operations: 500)))]
  }

  @Test func nothingIsDueWhereNothingIsPromised() throws {
    let host = try FakeIOHost()
    var loop = try host.loop()
    #expect(loop.nextTime == nil)
    loop.turn([.begin("a", try host.group("tenants/a"), []), .recovered, .end("nobody"), .end("a")])
    #expect(loop.nextTime == nil && host.report.disks.isEmpty)
  }

  @Test func theLastPromiseTakesTheSchedulerWithIt() throws {
    let host = try FakeIOHost()
    let slice = try host.group("system.slice")
    try slice.io.max.write(IOMax(device: FakeIOHost.disk.number, wbps: 5000))
    let before = host.maximum("system.slice")
    var loop = try host.loop()
    loop.turn([
      .begin("a", try host.group("tenants/a"), limited(host, "a")), .begin("b", try host.group("tenants/b"), []),
    ])
    try host.run(&loop, ticks: 120, reads: 40, by: ["a", "b"])
    #expect(host.report.disks.first?.tenants.map(\.name) == ["/system.slice", "a", "b"])
    #expect(loop.nextTime != nil)
    #expect(host.maximum("tenants/b").contains("riops="))
    loop.turn([.end("a")])
    #expect(loop.nextTime == nil)
    #expect(host.report.disks.isEmpty && host.report.decisions["a"] == nil)
    #expect(host.maximum("system.slice") == before)
    #expect(host.maximum("tenants/b") == "")
    #expect(host.text("memory/host-system.slice-259-3") == "")
  }

  @Test func whoBeginsTwiceIsThereOnceAsTheSecondSays() throws {
    let host = try FakeIOHost()
    var loop = try host.loop()
    let group = try host.group("tenants/a")
    let model = try FakeIOHost.model()
    loop.turn([.begin("a", group, [host.assignment("a", model: model)])])
    try host.run(&loop, ticks: 5)
    loop.turn([.begin("a", group, [host.assignment("a", model: model, weight: 700)])])
    #expect(host.report.disks.first?.tenants.map(\.weight) == [700])
    loop.turn([.begin("a", group, [])])
    #expect(loop.nextTime == nil && host.report.disks.isEmpty)
  }

  @Test func aGroupThatGoesMeanwhileHarmsNobody() throws {
    let host = try FakeIOHost()
    var loop = try host.loop()
    let model = try FakeIOHost.model()
    for name in ["a", "b"] {
      loop.turn([.begin(name, try host.group("tenants/\(name)"), [host.assignment(name, model: model)])])
    }
    try host.run(&loop, ticks: 60, reads: 40, by: ["a", "b"])
    try host.remove("tenants/a")
    try host.run(&loop, ticks: 120, reads: 40, by: ["b"])
    #expect(host.report.disks.first?.tenants.last?.readOperations ?? 0 > 100)
    loop.turn([.end("a")])
    #expect(host.report.disks.first?.tenants.map(\.name) == ["b"])
    let gone = try host.group("tenants/c")
    try host.remove("tenants/c")
    loop.turn([.begin("c", gone, [host.assignment("c")]), .end("b"), .end("c")])
    #expect(loop.nextTime == nil)
  }

  @Test func aKilledPredecessorsLinesAreNotTheAdministrators() throws {
    let host = try FakeIOHost()
    let slice = try host.group("system.slice")
    host.put("259:3 rbps=max wbps=5000 riops=max wiops=max\n", "memory/host-system.slice-259-3")
    try slice.io.max.write(IOMax(device: FakeIOHost.disk.number, riops: 7))
    var loop = try host.loop()
    loop.turn([.begin("a", try host.group("tenants/a"), limited(host, "a")), .recovered])
    try host.run(&loop, ticks: 10, reads: 10, by: ["a"])
    loop.turn([.end("a")])
    #expect(host.maximum("system.slice") == "259:3 rbps=max wbps=5000 riops=max wiops=max\n")
  }

  @Test func whatAKilledPredecessorLeftOnDisksOfNobodyIsTakenBack() throws {
    let host = try FakeIOHost()
    let (slice, tenant) = (try host.group("a-b.slice"), try host.group("tenants/a"))
    host.put("259:3 rbps=max wbps=max riops=max wiops=max\n", "memory/host-a-b.slice-259-3")
    host.put("nonsense", "memory/host-x")
    host.put("259:3 rbps=max wbps=max riops=max wiops=max\n", "memory/host-gone.slice-259-3")
    for group in [slice, tenant] { try group.io.max.write(IOMax(device: FakeIOHost.disk.number, riops: 7)) }
    var loop = try host.loop()
    loop.turn([.begin("a", tenant, [])])
    #expect(host.maximum("tenants/a") != "")
    loop.turn([.recovered])
    #expect(host.maximum("tenants/a") == "" && host.maximum("a-b.slice") == "")
    #expect(access(host.root + "/memory/host-gone.slice-259-3", F_OK) != 0)
  }

  @Test func aLaterCalibrationTakesTheDiskOver() throws {
    let host = try FakeIOHost()
    var loop = try host.loop()
    loop.turn([.begin("a", try host.group("tenants/a"), limited(host, "a"))])
    try host.run(&loop, ticks: 10, reads: 10, by: ["a"])
    #expect(host.report.disks.first?.capacity == nil)
    host.put(Self.own, "groups/tenants/a/io.max")
    let (old, new) = (try FakeIOHost.model(measured: 5), try FakeIOHost.model(measured: 9, operations: 500))
    loop.turn([.begin("b", try host.group("tenants/b"), [host.assignment("b", model: new)])])
    #expect(host.report.disks.first?.capacity == 1)
    #expect(host.report.disks.first?.tenants.map(\.name) == ["a", "b"])
    #expect(host.maximum("tenants/a") == Self.own)
    try host.run(&loop, ticks: 60, reads: 10, by: ["a", "b"])
    let capacity = host.report.disks.first?.capacity
    loop.turn([.begin("c", try host.group("tenants/c"), [host.assignment("c", model: old)]), .end("c")])
    #expect(host.report.disks.first?.capacity == capacity)
  }

  @Test func aDiskThatGoesAndComesBackIsScheduledAgain() throws {
    let host = try FakeIOHost()
    var loop = try host.loop()
    loop.turn([.begin("a", try host.group("tenants/a"), [host.assignment("a", model: try FakeIOHost.model())])])
    host.put("", "sys/259:3/stat")
    for _ in 0..<60 {
      host.now += 20_000_000
      loop.turn()
    }
    #expect(host.report.disks.first?.mechanism == "none")
    try host.run(&loop, ticks: 120, reads: 5, by: ["a"])
    #expect(host.report.disks.first?.mechanism == "io.max")
    #expect(host.report.disks.first?.tenants.first?.readOperations ?? 0 > 0)
  }

  @Test func anotherDiskUnderTheNumberOfOneThatWentIsLeftAlone() throws {
    let host = try FakeIOHost()
    var loop = try host.loop(identity: "serial-2")
    loop.turn([.begin("a", try host.group("tenants/a"), [host.assignment("a")])])
    host.put("1 2 x", "sys/259:3/stat")
    host.now += 40_000_000
    loop.turn()
    try host.run(&loop, ticks: 120, reads: 5, by: ["a"])
    #expect(host.report.disks.first?.mechanism == "none")
    loop.turn([.end("a")])
    #expect(loop.nextTime == nil)
  }

  @Test func theHostsGroupsShareItsPart() throws {
    let host = try FakeIOHost()
    _ = try host.group("system.slice")
    var loop = try host.loop()
    loop.turn([.begin("a", try host.group("tenants/a"), [host.assignment("a", model: try FakeIOHost.model())])])
    func reserved() -> [Double] { host.report.disks.first?.tenants.filter(\.isHost).map(\.reserved) ?? [] }
    #expect(reserved() == [0.05])
    _ = try host.group("user.slice")
    _ = try host.group("init.scope")
    try host.run(&loop, ticks: 300, reads: 5, by: ["a"])
    #expect(reserved() == [0.025, 0.025])
    try host.remove("system.slice")
    try host.run(&loop, ticks: 300, reads: 5, by: ["a"])
    #expect(reserved() == [0.05])
  }

  @Test func afterItWasStoppedItDoesNothing() throws {
    let host = try FakeIOHost()
    var loop = try host.loop()
    let done = DispatchSemaphore(value: 0)
    let group = try host.group("tenants/a")
    loop.turn([.begin("a", group, limited(host, "a"))])
    try host.run(&loop, ticks: 5, reads: 5, by: ["a"])
    loop.turn([.stop(done), .end("a"), .begin("b", try host.group("tenants/b"), limited(host, "b"))])
    #expect(done.wait(timeout: .now()) == .success)
    #expect(!loop.isRunning)
    #expect(host.maximum("tenants/b") == "")
    #expect(host.maximum("tenants/a").contains("riops="))
  }

  @Test func aLimitThatChangesWhileTheTenantRunsIsWrittenAtOnce() throws {
    let host = try FakeIOHost()
    var loop = try host.loop()
    let group = try host.group("tenants/a")
    let model = try FakeIOHost.model()
    func limited(_ operations: Double?) -> [IOAssignment] {
      [host.assignment("a", model: model, limit: PromisedRates(read: PromisedRate(operations: operations)))]
    }
    try group.io.max.write(IOMax(device: FakeIOHost.disk.number, riops: 500))
    loop.turn([.begin("a", group, limited(500))])
    try host.run(&loop, ticks: 50, reads: 1, by: ["a"])
    #expect(host.maximum("tenants/a").contains("riops=500 "))
    loop.turn([.begin("a", group, limited(50))])
    try host.run(&loop, ticks: 3, reads: 1, by: ["a"])
    #expect(host.maximum("tenants/a").contains("riops=50 "), "\(host.maximum("tenants/a"))")
    loop.turn([.begin("a", group, limited(900))])
    try host.run(&loop, ticks: 3, reads: 1, by: ["a"])
    #expect(!host.maximum("tenants/a").contains("riops=50 "), "\(host.maximum("tenants/a"))")
    // What was counted of it goes on.
    #expect(host.report.disks.first?.tenants.map(\.name) == ["a"])
  }
}
