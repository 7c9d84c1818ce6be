/// What is known of single interface files: the values that they take and the kernels that have them.
enum FileFacts {
  /// Whether the file exists only where the parent enables its controller.
  static func belongsToController(_ file: String) -> Bool {
    // PSI and the basic cpu.stat are there in every group.
    !file.hasSuffix(".pressure") && !file.hasPrefix("cpu.stat")
  }

  /// What the file takes, for a value that the kernel refused.
  static func values(of file: String) -> String? {
    if file.hasPrefix("hugetlb."), file.hasSuffix("max") { return "give bytes or \"max\"" }
    return switch file {
    case "cpu.weight", "io.weight":
      "weights run from 1 to 10000, and cpu.weight can't be set while cpu.idle is 1"
    case "io.bfq.weight": "BFQ's weights run from 1 to 1000"
    case "cpu.weight.nice": "nice values run from -20 to 19"
    case "cpu.max": "the quota is at least 1 ms, the period between 1 ms and 1 s"
    case "cpu.max.burst": "the burst can't exceed the quota, and needs one"
    case "cpu.uclamp.min", "cpu.uclamp.max": "give a percentage between 0 and 100, or \"max\""
    case "cpuset.cpus", "cpuset.cpus.exclusive":
      "name only CPUs that the machine has, none twice among exclusive siblings"
    case "cpuset.mems": "name only memory nodes that the machine has"
    case "cpuset.cpus.partition": "give member, root or isolated"
    case "memory.min", "memory.low", "memory.high", "memory.max", "memory.swap.max", "memory.swap.high",
      "memory.zswap.max":
      "give bytes or \"max\""
    case "io.max": "each of rbps, wbps, riops and wiops is at least 2, or \"max\""
    case "io.latency": "give target= in microseconds"
    case "io.cost.qos":
      "percentiles run from 0 to 100, vrate min and max from 1 to 10000 percent with min at most max"
    case "io.cost.model": "the model is linear, and each of its six rates is above 0"
    case "pids.max": "give a number below 4194304, or \"max\""
    case "cgroup.type": "only \"threaded\" can be written, and only beneath a group that allows it"
    case "cpu.pressure", "memory.pressure", "io.pressure", "irq.pressure":
      "the window is at most 10 s (before Linux 6.4 at least 0.5 s, without CAP_SYS_RESOURCE a multiple of 2 s),"
        + " the stall at most the window"
    case "memory.reclaim": "give bytes, and swappiness between 0 and 200 on Linux 6.10 and later"
    default: nil
    }
  }

  /// Why the kernel calls the file busy.
  static func busy(_ file: String) -> String? {
    switch file {
    case "cpuset.cpus", "cpuset.mems", "cpuset.cpus.partition":
      "processes or children still need what the change takes away"
    case "cpu.pressure", "memory.pressure", "io.pressure", "irq.pressure":
      "this descriptor already carries a trigger"
    case "memory.max": "usage can't be pushed below the limit, as all memory is in use"
    default: nil
    }
  }

  /// What a kernel needs to have the file.
  static func needs(_ file: String) -> String? {
    if file.hasPrefix("memory.zswap") { return "a kernel with CONFIG_ZSWAP" }
    if file.hasPrefix("memory.swap") { return "a kernel with CONFIG_SWAP, and a group below the root" }
    if file.hasPrefix("cpu.uclamp") { return "a kernel with CONFIG_UCLAMP_TASK_GROUP" }
    if file.hasPrefix("io.cost") {
      return "a kernel with CONFIG_BLK_CGROUP_IOCOST; it is only in the root group"
    }
    if file.hasPrefix("hugetlb.") { return "a kernel with huge pages of that size" }
    if file.hasSuffix(".pressure") { return "a kernel with CONFIG_PSI, booted without psi=0" }
    return switch file {
    case "io.weight": "a kernel with CONFIG_BLK_CGROUP_IOCOST"
    case "io.bfq.weight": "the BFQ IO scheduler (module bfq)"
    case "io.latency": "a kernel with CONFIG_BLK_CGROUP_IOLATENCY"
    case "io.prio.class": "a kernel with CONFIG_BLK_CGROUP_IOPRIO"
    case "cgroup.kill": "Linux 5.14 or later, and a group below the root"
    case "cgroup.freeze", "cgroup.events", "cgroup.type": "a group below the root"
    case "cpu.max.burst": "Linux 5.14 or later"
    case "cpu.stat.local": "Linux 6.9 or later"
    case "cpuset.cpus.exclusive", "cpuset.cpus.exclusive.effective": "Linux 6.7 or later"
    case "memory.peak", "memory.reclaim": "Linux 5.19 or later"
    case "pids.peak": "Linux 6.1 or later"
    case "pids.events.local": "Linux 6.11 or later"
    case "misc.peak": "Linux 6.12 or later"
    default: nil
    }
  }
}
