import CLinux
import Faults
import Glibc
import Testing

@testable import CgroupKit

/// What only a kernel can show. It runs where `CGROUPKIT_TEST_ROOT` names a real group; in the lab that is everywhere.
@Suite(.enabled(if: Ground.isReal, "only a real kernel does this: set CGROUPKIT_TEST_ROOT"))
struct RealKernelTests {
  /// A shell that moves itself into a group and then becomes another program.
  private func start(_ command: String, in group: Cgroup) throws -> Sleeper {
    try Sleeper([
      "/bin/sh", "-c", "echo $$ > \"$1/cgroup.procs\" && exec sh -c \"$2\"", "sh", group.path, command,
    ])
  }

  @Test func aFrozenProcessMakesNoProgress() async throws {
    try await withSite { site in
      let busy = try start("while :; do :; done", in: site.group)
      _ = busy
      let reader = try site.group.cpu.stat.reader()
      while try reader.read().usage < 10_000 { try await Task.sleep(for: .milliseconds(5)) }
      try await site.group.freeze()
      let before = try reader.read().usage
      try await Task.sleep(for: .milliseconds(100))
      #expect(try reader.read().usage == before)
      try await site.group.thaw()
      while try reader.read().usage == before { try await Task.sleep(for: .milliseconds(5)) }
    }
  }

  @Test func aGroupThatKeepsForkingIsKilledToTheLast() async throws {
    try await withSite { site in
      // At most 800 processes: the ground may have no pids controller to hold a real fork bomb.
      let forks = "f() { n=0; while [ $n -lt 200 ]; do sleep 100 & n=$((n + 1)); done; wait; }"
      let forker = try start("\(forks); f & f & f & f & wait", in: site.group)
      _ = forker
      while try site.group.processes().count < 50 { try await Task.sleep(for: .milliseconds(2)) }
      try site.group.kill()
      try await site.group.waitUntilEmpty()
      #expect(try site.group.processes().isEmpty)
    }
  }

  @Test func theDescriptorsServeCloneAndBPF() async throws {
    try await withSite { site in
      let identifier = site.group.withDescriptor { clinux_is_cgroup2($0) }
      #expect(identifier == 1)
      let directory = try site.group.openDirectory()
      #expect(clinux_is_cgroup2(directory.rawValue) == 1)
      var count: UInt32 = 0
      #expect(clinux_bpf_query_cgroup_device(directory.rawValue, nil, &count) == 0)
      #expect(count == 0)
    }
  }

  @Test func aPressureTriggerFiresUnderPressure() async throws {
    try await withSite { site in
      let trigger = try site.group.cpu.pressure.trigger(stall: .milliseconds(50), within: .seconds(2))
      let burners = try (0..<6).map { _ in try start("while :; do :; done", in: site.group) }
      _ = burners
      var wakes = trigger.makeAsyncIterator()
      let pressure = try await wakes.next()
      #expect((pressure?.some?.total ?? 0) > 50_000)
    }
  }

  @Test func aPressureTriggerEndsWithItsGroup() async throws {
    try await withSite { site in
      let child = try site.group.createChild("child")
      let trigger = try child.memory.pressure.trigger(stall: .milliseconds(500), within: .seconds(2))
      try child.removeNow()
      var wakes = trigger.makeAsyncIterator()
      #expect(try await wakes.next() == nil)
    }
  }

  @Test func aTriggerOutOfRangeIsExplained() async throws {
    try await withSite { site in
      let refused = fault {
        _ = try site.group.memory.pressure.trigger(stall: .milliseconds(1), within: .seconds(12))
      }
      #expect(refused?.code == .invalidValue)
      #expect(refused?.mend?.contains("at most 10 s") == true)
    }
  }

  @Test func anotherProcesssGroupIsFoundThroughTheMount() async throws {
    try await withSite { site in
      let child = try site.group.createChild("with blank")
      let sleeper = try Sleeper()
      try child.attach(sleeper.id)
      #expect(try Cgroup.containing(sleeper.id).path == child.path)
    }
  }

  @Test func aDelegatedGroupBelongsToItsUser() async throws {
    try await withSite { site in
      try site.group.delegate(toUser: 12_345, group: 12_346)
      for file in [".", "cgroup.procs", "cgroup.threads", "cgroup.subtree_control"] {
        var information = stat()
        #expect(site.group.withDescriptor { fstatat($0, file, &information, 0) } == 0)
        #expect(information.st_uid == 12_345 && information.st_gid == 12_346)
      }
    }
  }

  @Test(.enabled(if: Ground.has(.memory), "the ground hands no memory controller down"))
  func anOutOfMemoryKillIsToldAsItHappens() async throws {
    try await withSite { site in
      try site.group.enable([.memory])
      let child = try site.group.createChild("child")
      try child.memory.max.write(.at(.mebibytes(16)))
      if child.memory.swapMax.exists { try child.memory.swapMax.write(0) }
      try child.memory.oomGroup.write(true)
      let sequence = try child.events()
      let hog = try start("tail /dev/zero", in: child)
      var seen: [EventCounter: UInt64] = [:]
      for try await event in sequence {
        if case .counted(let counter, _, let total) = event { seen[counter] = total }
        if (seen[.oomGroupKill] ?? 0) > 0, (seen[.oomKill] ?? 0) > 0 { break }
      }
      hog.reap()
      #expect((seen[.memoryMax] ?? 0) > 0)
      #expect(try child.memory.events.read().oomKill >= 1)
      #expect(try child.memory.peak.read() >= .mebibytes(8))
    }
  }

  @Test(.enabled(if: Ground.has(.memory), "the ground hands no memory controller down"))
  func aPeakCanBeMeasuredAnewOnKernelsThatAllowIt() async throws {
    try await withSite { site in
      try site.group.enable([.memory])
      let child = try site.group.createChild("child")
      try start("head -c 30000000 /dev/zero | tail -c 30000000 >/dev/null", in: child).reap()
      // Before Linux 6.12 the file can't be opened for writing, and the method says so.
      let refusal = fault { _ = try child.memory.peakReader() }
      guard refusal?.code != .permissionDenied else { return }
      let peak = try child.memory.peakReader()
      let ever = try peak.read()
      #expect(ever > .mebibytes(8))
      try peak.reset()
      #expect(try peak.read() < ever)
      #expect(try child.memory.peak.read() == ever)
    }
  }

  @Test(.enabled(if: Ground.has(.pids), "the ground hands no pids controller down"))
  func aRefusedForkIsTold() async throws {
    try await withSite { site in
      try site.group.enable([.pids])
      let child = try site.group.createChild("child")
      let sequence = try child.events(of: ["pids.events"])
      let shell = try start(
        "ulimit -c 0; while [ ! -e /nonexistent ]; do /bin/true & /bin/true & wait; done", in: child)
      _ = shell
      try child.pids.max.write(1)
      var events = sequence.makeAsyncIterator()
      let event = try await events.next()
      guard case .counted(.pidsMax, let delta, let total)? = event else {
        Issue.record("expected pids.max, found \(String(describing: event))")
        return
      }
      #expect(delta > 0 && total >= delta)
    }
  }

  @Test(.enabled(if: Ground.has(.cpu), "the ground hands no cpu controller down"))
  func aQuotaHoldsTheGroupBack() async throws {
    try await withSite { site in
      try site.group.enable([.cpu])
      let child = try site.group.createChild("child")
      try child.cpu.max.write(.percent(10))
      let busy = try start("while :; do :; done", in: child)
      _ = busy
      let reader = try child.cpu.stat.reader()
      while try reader.read().throttledPeriods ?? 0 < 2 { try await Task.sleep(for: .milliseconds(20)) }
      #expect(try reader.read().throttled ?? 0 > 0)
    }
  }

  @Test(.enabled(if: Ground.has(.cpuset), "the ground hands no cpuset controller down"))
  func aPartitionThatCannotBeSaysWhy() async throws {
    try await withSite { site in
      try site.group.enable([.cpuset])
      let child = try site.group.createChild("child")
      // Its parent is no partition's root, so the kernel takes the wish and calls it invalid.
      try child.cpuset.partition.write(CpusetPartition(.root))
      let partition = try child.cpuset.partition.read()
      #expect(partition.kind == .root && partition.isInvalid)
      #expect(partition.invalidReason?.isEmpty == false)
    }
  }

  @Test(.enabled(if: Ground.isLab, "it changes the whole machine's IO: only in the lab"))
  func ioCostIsSetInTheRootGroupAndReadsBack() throws {
    let root = try Cgroup.root()
    let disk = try Ground.disk()
    let before = try root.io.costQoS.read()[disk]
    let qos = IOCostQoS(
      device: disk, isEnabled: true, rpct: 95, rlat: 75_000, wpct: Percent(hundredths: 9050), wlat: 150_000,
      min: 50,
      max: 150)
    let model = IOCostModel(
      device: disk, rbps: 100_000_000, rseqiops: 1000, rrandiops: 900, wbps: 90_000_000, wseqiops: 800,
      wrandiops: 700)
    try root.io.costModel.write(model)
    try root.io.costQoS.write(qos)
    #expect(try root.io.costQoS.read()[disk] == qos)
    #expect(try root.io.costModel.read()[disk] == model)
    #expect(try root.io.stat.read()[disk]?.costVrate != nil)
    let child = try Cgroup(path: #require(Ground.realRoot)).createChild("weighted")
    try child.io.weight.write(300, for: disk)
    #expect(try child.io.weight.read()[disk] == 300)
    try child.io.weight.write(nil, for: disk)
    #expect(try child.io.weight.read()[disk] == .standard)
    try child.removeNow()
    var automatic = model
    automatic.control = .auto
    try root.io.costModel.write(automatic)
    #expect(try root.io.costModel.read()[disk]?.control == .auto)
    try root.io.costQoS.write(before ?? IOCostQoS(device: disk, isEnabled: false, control: .auto))
    #expect(try root.io.costQoS.read()[disk]?.isEnabled == before?.isEnabled ?? false)
  }

  @Test(.enabled(if: Ground.isLab, "it needs the lab's kernel and its disk"))
  func bfqWeightsReadBackAndOutOfRangeIsExplained() async throws {
    try await withSite { site in
      try site.group.enable([.io])
      let child = try site.group.createChild("child")
      try child.io.bfqWeight.write(777)
      #expect(try child.io.bfqWeight.read().standard == 777)
      let refused = fault { try child.io.bfqWeight.write(1001) }
      #expect(refused?.mend?.contains("1000") == true)
    }
  }
}
