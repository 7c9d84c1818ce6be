import Faults
import Glibc
import Testing

@testable import CgroupKit

@Suite struct ReaderTests {
  @Test func aReaderSeesWhatTheFileSaysNow() async throws {
    try await withSite { site in
      let reader = try site.group.state.reader()
      #expect(try reader.read() == GroupState(parsing: "populated 0\nfrozen 0\n"))
      let sleeper = try Sleeper()
      try site.group.attach(sleeper.id)
      #expect(try reader.read().isPopulated)
    }
  }

  @Test func aReaderOfARemovedGroupSaysSo() async throws {
    try await withSite { site in
      let child = try site.group.createChild("child")
      let reader = try child.cpu.stat.reader()
      _ = try reader.read()
      try child.removeNow()
      // Only the real kernel cuts off a descriptor that is still open.
      guard Ground.isReal else { return }
      #expect(fault { _ = try reader.read() }?.code == .groupGone)
    }
  }

  @Test(.enabled(if: !Ground.isReal, "a real kernel's files can't be made long"))
  func aFileThatOutgrowsTheBufferIsReadWhole() async throws {
    try await withSite { site in
      try site.group.enable([.io])
      let child = try site.group.createChild("child")
      let reader = try child.io.stat.reader()
      var entries: [IODeviceStat] = []
      for count in [0, 1, 50, 51, 52, 5000, 3] {
        let lines = (0..<count).map {
          "8:\($0) rbytes=\(UInt64.max - UInt64($0)) wbytes=2 rios=3 wios=4 dbytes=5 dios=6"
        }
        site.fake?.set("io.stat", of: child.path, to: lines.joined(separator: "\n"))
        #expect(try reader.read().entries.map(\.kernelText) == lines)
        try reader.read(into: &entries)
        #expect(entries.map(\.kernelText) == lines)
      }
    }
  }

  @Test func readersThatShareABufferDontMixUpTheirFiles() async throws {
    try await withSite { site in
      let child = try site.group.createChild("child")
      let buffer = SharedReadBuffer()
      let (state, usage) = (try child.state.reader(sharing: buffer), try child.cpu.stat.reader(sharing: buffer))
      let sleeper = try Sleeper()
      for _ in 0..<3 {
        #expect(try !state.read().isPopulated)
        #expect(try usage.read().usage == child.cpu.stat.read().usage)
      }
      try child.attach(sleeper.id)
      #expect(try state.read().isPopulated)
    }
  }

  @Test func longListsOfProcessesAreReadToTheirEnd() async throws {
    try await withSite { site in
      let sleepers = try (0..<60).map { _ in try Sleeper() }
      for sleeper in sleepers { try site.group.attach(sleeper.id) }
      #expect(try Set(site.group.processes()) == Set(sleepers.map(\.id)))
    }
  }

  @Test(.enabled(if: AllocationProbe.works, "a sanitizer's allocator can't be observed"))
  func aReadAllocatesNothing() async throws {
    try await withSite { site in
      try site.group.enable(Ground.controllers.intersection([.memory, .io]))
      let child = try site.group.createChild("child")
      site.fake?.set("memory.stat", of: child.path, to: Samples.memoryStat)
      site.fake?.set("io.stat", of: child.path, to: Samples.ioStat)
      let taken = try onOwnThread {
        var taken = [
          "cpu.stat": try sizesTaken(by: child.cpu.stat.reader()),
          "cgroup.events": try sizesTaken(by: child.state.reader()),
          "memory.pressure": try sizesTaken(by: child.memory.pressure.reader()),
        ]
        if Ground.has(.memory) {
          taken["memory.current"] = try sizesTaken(by: child.memory.current.reader())
          taken["memory.max"] = try sizesTaken(by: child.memory.max.reader())
          taken["memory.stat"] = try sizesTaken(by: child.memory.stat.reader())
          taken["memory.events"] = try sizesTaken(by: child.memory.events.reader())
        }
        if Ground.has(.io) {
          let reader = try child.io.stat.reader()
          var entries: [IODeviceStat] = []
          taken["io.stat"] = try AllocationProbe.sizesTaken { try reader.read(into: &entries) }
        }
        return taken
      }
      for (file, sizes) in taken { #expect(sizes.isEmpty, "\(file)") }
    }
  }

  @Test(.enabled(if: AllocationProbe.works, "a sanitizer's allocator can't be observed"))
  func theProbeOfAllocationsSeesOne() throws {
    let sizes = try onOwnThread {
      try AllocationProbe.sizesTaken { _ = Array(repeating: UInt64.max, count: 20) }
    }
    #expect(sizes == [200], "otherwise the test above proves nothing")
  }
}

private func sizesTaken(by reader: Reader<some KernelReadable>) throws -> [Int] {
  try AllocationProbe.sizesTaken { _ = try reader.read() }
}
