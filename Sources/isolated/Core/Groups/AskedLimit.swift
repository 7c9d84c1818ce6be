import CgroupKit
import Faults
import Policy

/// One cgroup file that a policy sets: what is written, and who asked for it.
struct AskedLimit: Sendable {
  /// The controller that the file belongs to.
  var controller: Controller
  /// The file's name: `memory.max`.
  var file: String
  /// What is written.
  var text: String
  /// Where the policy asks for it; nil for a default.
  var position: Fault.Position?
  /// Writes it.
  var apply: @Sendable (Cgroup) throws(Fault) -> Void

  init<Value: KernelValue>(
    _ controller: Controller, position: Fault.Position?, _ value: Value,
    file: @escaping @Sendable (Cgroup) -> SettingFile<Value>, name: String
  ) {
    self.controller = controller
    self.file = name
    self.text = value.writtenText
    self.position = position
    apply = { group throws(Fault) in try file(group).write(value) }
  }

  init(
    _ controller: Controller, position: Fault.Position?, file: String, text: String,
    apply: @escaping @Sendable (Cgroup) throws(Fault) -> Void
  ) {
    self.controller = controller
    self.file = file
    self.text = text
    self.position = position
    self.apply = apply
  }
}

/// What a policy asks of the cgroup controllers, in the order in which it must be written.
enum LimitPlan {
  /// The limits of `policy` apart from its IO, which depends on the host's disks: see ``IOLimitPlan``.
  static func limits(of policy: TenantPolicy) -> [AskedLimit] {
    cpuLimits(of: policy.cpu) + memoryLimits(of: policy.memory) + [processLimit(of: policy.processes)]
  }

  private static func cpuLimits(of cpu: CPUPolicy) -> [AskedLimit] {
    var limits: [AskedLimit] = []
    if let weight = cpu.weight {
      limits.append(
        AskedLimit(
          .cpu, position: weight.position, Weight(weight.value), file: { $0.cpu.weight }, name: "cpu.weight"))
    }
    if cpu.idle.value {
      limits.append(
        AskedLimit(.cpu, position: cpu.idle.position, Flag(true), file: { $0.cpu.idle }, name: "cpu.idle"))
    }
    if let max = cpu.max {
      let value = CPUMax(
        quota: Microseconds(max.value.quota.microseconds), period: Microseconds(max.value.period.microseconds))
      limits.append(AskedLimit(.cpu, position: max.position, value, file: { $0.cpu.max }, name: "cpu.max"))
    }
    if let burst = cpu.burst {
      limits.append(
        AskedLimit(
          .cpu, position: burst.position, Microseconds(burst.value.microseconds), file: { $0.cpu.maxBurst },
          name: "cpu.max.burst"))
    }
    if let clamp = cpu.uclamp.min {
      let value = CgroupKit.Limit.at(Percent(hundredths: clamp.value.basisPoints))
      limits.append(
        AskedLimit(
          .cpu, position: clamp.position, value, file: { $0.cpu.utilizationMin }, name: "cpu.uclamp.min"))
    }
    if let clamp = cpu.uclamp.max {
      let value = CgroupKit.Limit.at(Percent(hundredths: clamp.value.basisPoints))
      limits.append(
        AskedLimit(
          .cpu, position: clamp.position, value, file: { $0.cpu.utilizationMax }, name: "cpu.uclamp.max"))
    }
    if let cpus = cpu.cpus {
      let ranges = cpus.value.ranges.compactMap { range in
        UInt32(exactly: range.lowerBound).flatMap { low in UInt32(exactly: range.upperBound).map { low...$0 } }
      }
      limits.append(
        AskedLimit(
          .cpuset, position: cpus.position, IndexList(ranges), file: { $0.cpuset.cpus }, name: "cpuset.cpus"))
    }
    return limits
  }

  private static func memoryLimits(of memory: MemoryPolicy) -> [AskedLimit] {
    func bytes(
      _ size: Positioned<ByteSize>?, _ name: String,
      _ file: @escaping @Sendable (Cgroup) -> SettingFile<CgroupKit.Limit<Bytes>>
    ) -> AskedLimit? {
      size.map {
        AskedLimit(.memory, position: $0.position, .at(Bytes($0.value.bytes)), file: file, name: name)
      }
    }
    func bound(
      _ limit: Positioned<Policy.Limit<ByteSize>>?, _ name: String,
      _ file: @escaping @Sendable (Cgroup) -> SettingFile<CgroupKit.Limit<Bytes>>
    ) -> AskedLimit? {
      limit.map {
        AskedLimit(.memory, position: $0.position, $0.value.kernelLimit { Bytes($0.bytes) }, file: file, name: name)
      }
    }
    let oomGroup = AskedLimit(
      .memory, position: memory.oomGroup.position, Flag(memory.oomGroup.value), file: { $0.memory.oomGroup },
      name: "memory.oom.group")
    return [
      bytes(memory.max, "memory.max") { $0.memory.max },
      bytes(memory.high, "memory.high") { $0.memory.high },
      bytes(memory.low, "memory.low") { $0.memory.low },
      bytes(memory.min, "memory.min") { $0.memory.min },
      bound(memory.swap, "memory.swap.max") { $0.memory.swapMax },
      bound(memory.zswap, "memory.zswap.max") { $0.memory.zswapMax },
      oomGroup,
    ].compactMap { $0 }
  }

  private static func processLimit(of processes: Positioned<Policy.Limit<UInt64>>) -> AskedLimit {
    AskedLimit(
      .pids, position: processes.position, processes.value.kernelLimit { Count($0) }, file: { $0.pids.max },
      name: "pids.max")
  }
}

extension Policy.Limit {
  /// The same limit in CgroupKit's terms.
  func kernelLimit<Amount: KernelValue>(_ amount: (Value) -> Amount) -> CgroupKit.Limit<Amount> {
    switch self {
    case .atMost(let value): .at(amount(value))
    case .unlimited: .max
    }
  }
}
