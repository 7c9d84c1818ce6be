import Faults
import Testing

@testable import CgroupKit

/// A child that has the files of a controller.
private func withLimits(
  _ controller: Controller, _ body: (Cgroup) async throws -> Void
) async throws {
  try await withSite { site in
    try site.group.enable([controller])
    try await body(try site.group.createChild("limited"))
  }
}

/// Writes a value and expects to read the same.
private func roundTrip<Value>(_ file: SettingFile<Value>, _ values: Value...) throws {
  for value in values {
    try file.write(value)
    let found = try file.read()
    #expect(found == value, "\(file.name)")
  }
}

@Suite struct LimitTests {
  @Test(.enabled(if: Ground.has(.cpu), "the ground hands no cpu controller down"))
  func cpuSettingsReadBackAsWritten() async throws {
    try await withLimits(.cpu) { group in
      let cpu = group.cpu
      try roundTrip(cpu.weight, 1, 100, 10_000)
      try roundTrip(
        cpu.max, CPUMax(quota: .milliseconds(50)), CPUMax(quota: 1000, period: 1000), .percent(150), .max)
      try cpu.max.write(.percent(50))
      try roundTrip(cpu.maxBurst, .milliseconds(20), 0)
      try cpu.weightNice.write(-5)
      #expect(try cpu.weightNice.read() == -5)
      try roundTrip(cpu.idle, true, false)
      if cpu.utilizationMax.exists {
        try roundTrip(cpu.utilizationMax, .at(Percent(hundredths: 5050)), .max)
        try roundTrip(cpu.utilizationMin, .at(Percent(hundredths: 1234)), .at(0))
      }
      #expect(try cpu.stat.read().usage >= 0)
    }
  }

  @Test(.enabled(if: Ground.has(.cpu), "the ground hands no cpu controller down"))
  func aWeightOutOfRangeIsExplainedWithItsRange() async throws {
    try await withLimits(.cpu) { group in
      for weight: Weight in [0, 10_001, Weight(.max)] {
        let refused = fault { try group.cpu.weight.write(weight) }
        #expect(refused?.code == .valueOutOfRange)
        #expect(refused?.errno?.name == "ERANGE")
        #expect(refused?.path == "\(group.path)/cpu.weight")
        #expect(refused?.message.contains("\"\(weight)\"") == true)
        #expect(refused?.mend?.contains("10000") == true)
      }
      let quota = fault { try group.cpu.max.write(CPUMax(quota: 1)) }
      #expect(quota?.code == .invalidValue)
      #expect(quota?.mend?.contains("1 ms") == true)
    }
  }

  @Test(.enabled(if: Ground.has(.memory), "the ground hands no memory controller down"))
  func memorySettingsReadBackAsWritten() async throws {
    try await withLimits(.memory) { group in
      let memory = group.memory
      for file in [memory.min, memory.low, memory.high, memory.max] {
        try roundTrip(file, .at(.mebibytes(64)), .at(.gibibytes(3)), .max, .at(0))
      }
      for file in [memory.swapMax, memory.swapHigh, memory.zswapMax] where file.exists {
        try roundTrip(file, .at(.mebibytes(64)), .max, .at(0))
      }
      try roundTrip(memory.oomGroup, true, false)
      if memory.zswapWriteback.exists { try roundTrip(memory.zswapWriteback, false, true) }
      _ = try memory.current.read()
      _ = try memory.peak.read()
      _ = try memory.swapEvents.read()
      #expect(try memory.stat.read()[.anon] != nil)
      #expect(try memory.events.read() == memory.eventsLocal.read())
    }
  }

  @Test(.enabled(if: Ground.has(.memory), "the ground hands no memory controller down"))
  func memoryLimitsAreKeptInWholePages() async throws {
    try await withLimits(.memory) { group in
      try group.memory.high.write(.at(Bytes(1_000_001)))
      #expect(try group.memory.high.read() == .at(Bytes(1_000_001 / 4096 * 4096)))
    }
  }

  @Test(.enabled(if: Ground.has(.memory), "the ground hands no memory controller down"))
  func reclaimingMoreThanThereIsSaysSo() async throws {
    try await withLimits(.memory) { group in
      let refused = fault { try group.memory.reclaim(.gibibytes(1)) }
      #expect(refused?.code == .reclaimIncomplete)
    }
  }

  @Test(.enabled(if: Ground.has(.pids), "the ground hands no pids controller down"))
  func pidsSettingsReadBackAsWritten() async throws {
    try await withLimits(.pids) { group in
      try roundTrip(group.pids.max, .at(0), .at(256), .max)
      #expect(try group.pids.current.read() == 0)
      #expect(try group.pids.events.read().max == 0)
    }
  }

  @Test(.enabled(if: Ground.has(.io), "the ground hands no io controller down"))
  func ioSettingsReadBackAsWritten() async throws {
    try await withLimits(.io) { group in
      let disk = try Ground.disk()
      let io = group.io
      #expect(try io.max.read()[disk] == nil)
      for value in [
        IOMax(device: disk, rbps: .at(.mebibytes(10)), wiops: 120),
        IOMax(device: disk, rbps: 2, wbps: 3, riops: 4, wiops: 5),
      ] {
        try io.max.write(value)
        #expect(try io.max.read()[disk] == value)
      }
      try io.max.write(IOMax(device: disk))
      #expect(try io.max.read()[disk] == nil)
      if io.weight.exists {
        try io.weight.write(500)
        #expect(try io.weight.read().standard == 500)
        if let refused = fault({ try io.weight.write(300, for: disk) }) {
          // A real kernel takes a device's weight once io.cost is on for it.
          #expect(Ground.isReal && refused.code == .unsupportedOperation)
          #expect(refused.mend?.contains("io.cost.qos") == true)
        } else {
          #expect(try io.weight.read()[disk] == 300)
          try io.weight.write(nil, for: disk)
        }
        #expect(try io.weight.read()[disk] == 500)
        #expect(fault { try io.weight.write(10_001) } != nil)
      }
      if io.priorityClass.exists { try roundTrip(io.priorityClass, .restrictToBestEffort, .idle, .noChange) }
      _ = try io.stat.read()
    }
  }

  @Test(.enabled(if: Ground.has(.io), "the ground hands no io controller down"))
  func aDeviceThatIsNoWholeDiskIsExplained() async throws {
    try await withLimits(.io) { group in
      let refused = fault { try group.io.max.write(IOMax(device: .init(major: 4000, minor: 1), rbps: 1)) }
      #expect(refused?.code == .noSuchDevice)
      #expect(refused?.errno?.name == "ENODEV")
      #expect(refused?.message.contains("4000:1 rbps=1") == true)
      #expect(refused?.mend?.contains("whole disk") == true)
      let disk = try Ground.disk()
      let one = fault { try group.io.max.write(IOMax(device: disk, riops: 1)) }
      #expect(one?.code == .invalidValue)
      #expect(one?.mend?.contains("at least 2") == true)
      let zero = fault { try group.io.max.write(IOMax(device: disk, rbps: 0)) }
      #expect(zero?.code == .valueOutOfRange || zero?.code == .invalidValue)
    }
  }

  @Test(.enabled(if: Ground.has(.cpuset), "the ground hands no cpuset controller down"))
  func cpusetSettingsReadBackAsWritten() async throws {
    try await withLimits(.cpuset) { group in
      try roundTrip(group.cpuset.cpus, IndexList([0]), IndexList([]))
      try roundTrip(group.cpuset.mems, IndexList([0]), IndexList([]))
      let effective = try group.cpuset.cpusEffective.read()
      #expect(effective.contains(0))
      #expect(try group.cpuset.partition.read() == CpusetPartition(.member))
    }
  }

  @Test(.enabled(if: Ground.has(.hugetlb), "the ground hands no hugetlb controller down"))
  func hugePageSettingsReadBackAsWritten() async throws {
    try await withLimits(.hugetlb) { group in
      let sizes = try group.hugetlb.pageSizes()
      #expect(sizes.contains("2MB"))
      for size in sizes {
        let files = group.hugetlb[size]
        try roundTrip(files.reservedMax, .at(0), .max)
        try roundTrip(files.max, .at(0), .max)
        #expect(try files.current.read() == 0)
        #expect(try files.reservedCurrent.read() == 0)
        #expect(try files.events.read().max == 0)
        #expect(try files.eventsLocal.read().max == 0)
      }
      let missing = fault { _ = try group.hugetlb["3MB"].max.read() }
      #expect(missing?.code == .noSuchFile)
      #expect(missing?.mend?.contains("huge pages of that size") == true)
    }
  }

  @Test(.enabled(if: Ground.has(.misc), "the ground hands no misc controller down"))
  func miscFilesAreRead() async throws {
    try await withLimits(.misc) { group in
      _ = try group.misc.max.read()
      _ = try group.misc.current.read()
      _ = try group.misc.events.read()
    }
  }

  @Test(.enabled(if: Ground.has(.rdma), "the ground hands no rdma controller down"))
  func rdmaFilesAreRead() async throws {
    try await withLimits(.rdma) { group in
      _ = try group.rdma.max.read()
      _ = try group.rdma.current.read()
    }
  }

  @Test func pressureIsReadInEveryGroup() async throws {
    try await withSite { site in
      for resource in PressureResource.allCases {
        let file = site.group.pressure(resource)
        // irq.pressure needs a kernel that accounts interrupts.
        if resource == .irq, !file.exists { continue }
        let pressure = try file.read()
        #expect((pressure.some == nil) == (resource == .irq))
      }
      #expect(try site.group.cpu.stat.read().periods == nil || Ground.has(.cpu))
    }
  }
}
