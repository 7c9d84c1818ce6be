import CgroupKit
import Faults
import Policy
import Testing

@testable import IsolatedCore

@Suite struct LimitPlanTests {
  private func limits(_ text: String) throws -> [String: String] {
    let policy = try PolicyDocument.parse(text: text, file: "p.yaml")
    return Dictionary(uniqueKeysWithValues: LimitPlan.limits(of: policy).map { ($0.file, $0.text) })
  }

  @Test func aPolicyBecomesWhatTheKernelReads() throws {
    let limits = try limits(
      """
      tenant: web
      command: [/bin/true]
      cpu: {weight: 200, max: 150%, burst: 20ms, cpus: 0-1}
      memory: {min: 16MiB, high: 48MiB, max: 64MiB}
      pids: {max: 32}
      """)
    #expect(limits["cpu.weight"] == "200")
    #expect(limits["cpu.max"] == "150000 100000")
    #expect(limits["cpu.max.burst"] == "20000")
    #expect(limits["cpuset.cpus"] == "0-1")
    #expect(limits["memory.min"] == "16777216")
    #expect(limits["memory.high"] == "50331648")
    #expect(limits["memory.max"] == "67108864")
    #expect(limits["memory.swap.max"] == "0")
    #expect(limits["memory.oom.group"] == "1")
    #expect(limits["pids.max"] == "32")
  }

  @Test func aShortPolicyIsBoundedAllTheSame() throws {
    let limits = try limits("tenant: t\ncommand: [/bin/true]\nmemory: {max: 1MiB}\n")
    #expect(limits["memory.max"] == "1048576")
    #expect(limits["memory.swap.max"] == "0")
    #expect(limits["pids.max"] != nil && limits["pids.max"] != "max")
  }

  private func places(_ entry: String) throws -> [IOPlace] {
    let text = "tenant: t\ncommand: [/bin/true]\nmemory: {max: 1MiB}\nio: [{device: /a, \(entry)}]\n"
    let disk = BlockDevice(number: DeviceNumber(major: 8, minor: 16), name: "sdb")
    return try PolicyDocument.parse(text: text, file: "p.yaml").io.map { IOPlace(policy: $0, disk: disk) }
  }

  @Test func onlyALimitIsWrittenWhenTheGroupIsMade() throws {
    let limits = IOLimitPlan.limits(of: try places("limit: {bandwidth: 1MiB/s, read: {iops: 5}}, weight: 500"))
    #expect(limits.map(\.file) == ["io.max"])
    #expect(limits.first?.text == "8:16 rbps=1048576 wbps=1048576 riops=5 wiops=max")
    for entry in ["weight: 5", "latency: {read: {p99: 1ms}}", "reservation: {iops: 5}", "class: idle"] {
      #expect(IOLimitPlan.limits(of: try places(entry)).isEmpty)
    }
  }

  @Test(arguments: ["weight: 5", "latency: {read: {p99: 1ms}}", "reservation: {iops: 5}", "class: idle"])
  func whatTheSchedulerHoldsIsRefusedWhereThereIsNoController(entry: String) throws {
    let faults = IOLimitPlan.unscheduled(try places(entry))
    #expect(faults.map(\.code) == [.notEnforceable])
    #expect(faults.first?.position?.line == 4)
    let key = String(entry.prefix { $0 != ":" })
    #expect(faults.first?.message.contains("io.\(key) on sdb") == true)
  }

  @Test func aLimitAloneNeedsNoScheduler() throws {
    #expect(IOLimitPlan.unscheduled(try places("limit: {iops: 5}")).isEmpty)
  }
}
