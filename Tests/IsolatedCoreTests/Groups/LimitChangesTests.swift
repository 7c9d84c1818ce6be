import CgroupKit
import Faults
import Policy
import Testing

@testable import IsolatedCore

@Suite struct LimitChangesTests {
  private func asked(_ lines: String) throws -> [AskedLimit] {
    let text = "tenant: t\ncommand: [/bin/true]\n\(lines)\n"
    return LimitPlan.limits(of: try PolicyDocument.parse(text: text, file: "p.yaml"))
  }

  private func changes(_ old: String, _ new: String) throws -> [String] {
    let before = try asked(old).map { TenantRecord.WrittenLimit(file: $0.file, text: $0.text) }
    return try LimitChanges.between(before, try asked(new)).map { "\($0.file) \($0.text)" }
  }

  @Test func onlyWhatDiffersIsWritten() throws {
    #expect(try changes("memory: {max: 64MiB}", "memory: {max: 64MiB}") == [])
    #expect(try changes("memory: {max: 64MiB}", "memory: {max: 65536KiB}") == [])
    #expect(
      try changes("memory: {max: 64MiB}", "memory: {max: 128MiB}\npids: {max: 7}") == [
        "memory.max 134217728", "pids.max 7",
      ])
  }

  @Test func whatIsNoLongerAskedGoesBackToTheKernelsDefault() throws {
    let full =
      "cpu: {weight: 5, max: 50%, burst: 5ms, cpus: 0, uclamp: {min: 5%, max: 50%}}\n"
      + "memory: {max: 64MiB, min: 1MiB, low: 2MiB, high: 3MiB}"
    #expect(
      Set(try changes(full, "memory: {max: 64MiB}")) == [
        "cpu.weight 100", "cpu.max max 100000", "cpu.max.burst 0", "cpuset.cpus \n", "cpu.uclamp.min 0.00",
        "cpu.uclamp.max max", "memory.min 0", "memory.low 0", "memory.high max",
      ])
  }

  @Test func theBurstNeverExceedsTheQuotaOnTheWay() throws {
    func order(_ old: String, _ new: String) throws -> [String] {
      try changes("memory: {max: 1MiB}\ncpu: {\(old)}", "memory: {max: 1MiB}\ncpu: {\(new)}")
    }
    #expect(
      try order("max: 100%, burst: 100ms", "max: 10%, burst: 10ms") == ["cpu.max.burst 10000", "cpu.max 10000 100000"])
    #expect(
      try order("max: 10%, burst: 10ms", "max: 100%, burst: 100ms") == [
        "cpu.max 100000 100000", "cpu.max.burst 100000",
      ])
    #expect(
      try order("max: 10%, burst: 10ms", "weight: 1") == ["cpu.max.burst 0", "cpu.max max 100000", "cpu.weight 1"])
  }

  @Test func anIdleGroupsWeightIsLeftAlone() throws {
    func order(_ old: String, _ new: String) throws -> [String] {
      try changes("memory: {max: 1MiB}\ncpu: {\(old)}", "memory: {max: 1MiB}\ncpu: {\(new)}")
    }
    #expect(try order("weight: 500", "idle: true") == ["cpu.idle 1"])
    #expect(try order("idle: true", "weight: 500") == ["cpu.idle 0", "cpu.weight 500"])
  }

  @Test func lessMemoryComesLastAndMoreFirst() throws {
    let small = "memory: {max: 64MiB, high: 48MiB}\npids: {max: 5}"
    let large = "memory: {max: 128MiB, high: 96MiB}\npids: {max: 9}"
    #expect(try changes(small, large).map { $0.prefix { $0 != " " } } == ["memory.max", "memory.high", "pids.max"])
    #expect(try changes(large, small).map { $0.prefix { $0 != " " } } == ["memory.high", "pids.max", "memory.max"])
  }

  @Test func eachDiskHasItsOwnLine() throws {
    let old: [TenantRecord.WrittenLimit] = [
      .init(file: "io.max", text: "8:0 rbps=max wbps=max riops=5 wiops=5"),
      .init(file: "io.max", text: "8:16 rbps=max wbps=max riops=5 wiops=5"),
    ]
    let line = IOMax(device: DeviceNumber(major: 8, minor: 0), riops: 7)
    let asked = AskedLimit(.io, position: nil, file: "io.max", text: line.kernelText) { _ in }
    #expect(
      try LimitChanges.between(old, [asked]).map(\.text) == [
        "8:0 rbps=max wbps=max riops=7 wiops=max", "8:16 rbps=max wbps=max riops=max wiops=max",
      ])
    for text in ["", "8", "8:", ":", "a:b", "8:16:1", "-1:3", "99999999999:1"] {
      #expect(LimitChange.device(of: text) == nil, "\(text)")
    }
  }

  @Test func aFileOfWhichNoDefaultIsKnownIsRefusedAndNotGuessed() {
    let fault = #expect(throws: Fault.self) {
      try LimitChanges.between([.init(file: "misc.max", text: "sev 5")], [])
    }
    #expect(fault?.code == .notChangeable)
  }
}
