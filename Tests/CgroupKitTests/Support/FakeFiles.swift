import Glibc

@testable import CgroupKit

/// What the interface files say at first, and what they take.
enum FakeFiles {
  struct Refusal: Error { let number: Int32 }

  static let pressure =
    "some avg10=0.00 avg60=0.00 avg300=0.00 total=0\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0"
  static let irqPressure = "full avg10=0.00 avg60=0.00 avg300=0.00 total=0"
  static let cpuStat = "usage_usec 0\nuser_usec 0\nsystem_usec 0\nnice_usec 0\ncore_sched.force_idle_usec 0"

  static let initial: [String: [String: String]] = [
    "cpu": [
      "cpu.weight": "100", "cpu.weight.nice": "0", "cpu.idle": "0", "cpu.max": "max 100000",
      "cpu.max.burst": "0", "cpu.uclamp.min": "0.00", "cpu.uclamp.max": "max",
      "cpu.stat.local": "throttled_usec 0",
    ],
    "cpuset": [
      "cpuset.cpus": "", "cpuset.cpus.effective": "0-1", "cpuset.mems": "", "cpuset.mems.effective": "0",
      "cpuset.cpus.partition": "member", "cpuset.cpus.exclusive": "", "cpuset.cpus.exclusive.effective": "",
    ],
    "hugetlb": [
      "hugetlb.2MB.max": "max", "hugetlb.2MB.current": "0", "hugetlb.2MB.rsvd.max": "max",
      "hugetlb.2MB.rsvd.current": "0", "hugetlb.2MB.events": "max 0", "hugetlb.2MB.events.local": "max 0",
    ],
    "io": [
      "io.max": "", "io.weight": "default 100", "io.bfq.weight": "default 100", "io.latency": "",
      "io.prio.class": "no-change", "io.stat": "",
    ],
    "memory": [
      "memory.min": "0", "memory.low": "0", "memory.high": "max", "memory.max": "max",
      "memory.swap.max": "max",
      "memory.swap.high": "max", "memory.zswap.max": "max", "memory.zswap.writeback": "1",
      "memory.oom.group": "0",
      "memory.current": "0", "memory.swap.current": "0", "memory.zswap.current": "0", "memory.peak": "0",
      "memory.swap.peak": "0", "memory.reclaim": "",
      "memory.stat": "anon 0\nfile 0\nkernel 0\nslab 0\npgfault 0",
      "memory.events": memoryEvents, "memory.events.local": memoryEvents,
      "memory.swap.events": "high 0\nmax 0\nfail 0",
    ],
    "misc": ["misc.max": "", "misc.current": "", "misc.events": "", "misc.peak": ""],
    "pids": [
      "pids.max": "max", "pids.current": "0", "pids.peak": "0", "pids.events": "max 0",
      "pids.events.local": "max 0",
    ],
    "rdma": ["rdma.max": "", "rdma.current": ""],
  ]

  private static let memoryEvents = "low 0\nhigh 0\nmax 0\noom 0\noom_kill 0\noom_group_kill 0"

  /// The file's new text, or the error number that the kernel gives for the value.
  static func accept(_ value: String, file: String, current: String) -> Result<String, Refusal> {
    func refuse(_ number: Int32) -> Result<String, Refusal> { .failure(Refusal(number: number)) }
    switch file {
    case "cpu.weight", "io.weight", "io.bfq.weight":
      if file != "cpu.weight", value.contains(":") {
        return acceptDevice(value, current: current, isWeight: true)
      }
      guard let weight = UInt64(value) else { return refuse(EINVAL) }
      guard 1...(file == "io.bfq.weight" ? 1000 : 10_000) ~= weight else { return refuse(ERANGE) }
      guard file != "cpu.weight" else { return .success(value) }
      let overrides = current.split(separator: "\n").dropFirst().joined(separator: "\n")
      return .success("default \(value)\n\(overrides)")
    case "cpu.weight.nice":
      guard let nice = Int(value) else { return refuse(EINVAL) }
      return -20...19 ~= nice ? .success(value) : refuse(ERANGE)
    case "cpu.max":
      let words = value.split(separator: " ")
      guard let quota = words.first, let period = words.dropFirst().first.flatMap({ UInt64($0) }) else {
        return refuse(EINVAL)
      }
      guard 1000...1_000_000 ~= period, quota == "max" || (UInt64(quota) ?? 0) >= 1000 else {
        return refuse(EINVAL)
      }
      return .success(value)
    case "cpu.idle", "memory.oom.group", "memory.zswap.writeback", "cgroup.pressure":
      return value == "0" || value == "1" ? .success(value) : refuse(EINVAL)
    case "io.max", "io.latency":
      return acceptDevice(value, current: current, isWeight: false)
    case "memory.reclaim":
      return refuse(EAGAIN)
    case "memory.peak":
      return .success(current)
    case "cpu.uclamp.min", "cpu.uclamp.max":
      guard value != "max" else { return .success(value) }
      guard let percent = Double(value), 0...100 ~= percent else { return refuse(ERANGE) }
      return .success(value)
    case "cpuset.cpus.partition":
      return ["member", "root", "isolated"].contains(value) ? .success(value) : refuse(EINVAL)
    case _
    where file.hasSuffix(".max") || file.hasSuffix(".high") || file.hasSuffix(".low")
      || file.hasSuffix(".min"):
      guard file.hasPrefix("memory.") || file.hasPrefix("pids.") || file.hasPrefix("hugetlb.") else {
        return .success(value)
      }
      guard value != "max" else { return .success(value) }
      guard let amount = UInt64(value) else { return refuse(EINVAL) }
      // Memory limits are kept in pages.
      return .success(file.hasPrefix("memory.") ? String(amount / 4096 * 4096) : value)
    default:
      return .success(value)
    }
  }

  /// A line per device: parts that aren't written keep their value, and lines without a limit vanish.
  private static func acceptDevice(_ value: String, current: String, isWeight: Bool) -> Result<
    String, Refusal
  > {
    let words = value.split(separator: " ").map(String.init)
    guard words.count > 1, words[0].contains(":") else { return .failure(Refusal(number: EINVAL)) }
    guard words[0] == FakeKernel.disk.kernelText else { return .failure(Refusal(number: ENODEV)) }
    var lines = current.split(separator: "\n").map(String.init)
    let old =
      lines.first { $0.hasPrefix(words[0] + " ") }?.split(separator: " ").dropFirst().map(String.init) ?? []
    lines.removeAll { $0.hasPrefix(words[0] + " ") }
    if isWeight {
      if words[1] != "default" {
        guard let weight = UInt64(words[1]), weight >= 1 else { return .failure(Refusal(number: ERANGE)) }
        lines.append("\(words[0]) \(weight)")
      }
      return .success(lines.joined(separator: "\n"))
    }
    if words[1].hasPrefix("target=") {
      if words[1] != "target=0" { lines.append(value) }
      return .success(lines.joined(separator: "\n"))
    }
    var limits = ["rbps": "max", "wbps": "max", "riops": "max", "wiops": "max"]
    for pair in old + words.dropFirst() {
      let parts = pair.split(separator: "=").map(String.init)
      guard parts.count == 2, limits[parts[0]] != nil else { return .failure(Refusal(number: EINVAL)) }
      guard parts[1] == "max" || UInt64(parts[1]) != nil else { return .failure(Refusal(number: EINVAL)) }
      guard parts[1] != "0" else { return .failure(Refusal(number: ERANGE)) }
      guard parts[1] != "1" else { return .failure(Refusal(number: EINVAL)) }
      limits[parts[0]] = parts[1]
    }
    if limits.values.contains(where: { $0 != "max" }) {
      let shown = ["rbps", "wbps", "riops", "wiops"].map { "\($0)=\(limits[$0] ?? "max")" }
      lines.append("\(words[0]) \(shown.joined(separator: " "))")
    }
    return .success(lines.joined(separator: "\n"))
  }
}
