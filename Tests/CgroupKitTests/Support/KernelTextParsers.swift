import Faults

@testable import CgroupKit

/// A parser with texts for it, for fuzzing: here, and under libFuzzer in Fuzz/.
struct KernelTextParsers: Sendable {
  let name: String
  let samples: [String]
  /// Parses; false where a text that was taken prints, or parses from its own print, differently.
  let check: @Sendable (UnsafeBufferPointer<UInt8>) -> Bool

  /// All parsers of kernel text that CgroupKit has.
  static let all: [KernelTextParsers] = [
    value(Count.self, ["0", "12345\n", "18446744073709551615"]),
    value(Limit<Bytes>.self, ["max", "268435456\n"]),
    value(Limit<Percent>.self, ["max", "12.34\n"]),
    value(CPUMax.self, ["max 100000\n", "50000 100000"]),
    value(Nice.self, ["-20", "19\n"]),
    value(Flag.self, ["0", "1\n"]),
    value(DeviceNumber.self, ["8:16", "259:0\n"]),
    value(IndexList.self, ["0-3,8\n", "", "0,2,4-5"]),
    value(CpusetPartition.self, ["member\n", "root invalid (Cpu list in cpuset.cpus not exclusive)\n"]),
    value(IOMax.self, ["8:16 rbps=2097152 wbps=max riops=max wiops=120"]),
    value(IOLatency.self, ["8:16 target=10000"]),
    value(IOCostQoS.self, [Samples.ioCostQoS]),
    value(IOCostModel.self, [Samples.ioCostModel]),
    value(IOPriorityClass.self, ["no-change\n", "restrict-to-be"]),
    value(IODeviceStat.self, Samples.ioStat.split(separator: "\n").map(String.init)),
    value(MiscLimit.self, ["sev 50", "tdx max"]),
    value(MiscAmount.self, ["sev 50"]),
    value(RDMALimit.self, ["mlx4_0 hca_handle=2 hca_object=max"]),
    value(GroupType.self, ["domain\n", "domain threaded"]),
    table(
      IOMax.self, ["8:16 rbps=2097152 wbps=max riops=max wiops=120\n8:0 rbps=1 wbps=1 riops=1 wiops=1\n"]),
    table(IODeviceStat.self, [Samples.ioStat]),
    readable(IOWeights.self, ["default 100\n8:16 200\n"]),
    readable(Pressure.self, [Samples.pressure]),
    readable(MemoryStat.self, [Samples.memoryStat]),
    readable(MemoryEvents.self, ["low 0\nhigh 0\nmax 0\noom 0\noom_kill 0\noom_group_kill 0\n"]),
    readable(SwapEvents.self, ["high 0\nmax 0\nfail 0\n"]),
    readable(
      CPUStat.self,
      ["usage_usec 1\nuser_usec 2\nsystem_usec 3\nnr_periods 4\nnr_throttled 5\nthrottled_usec 6\n"]),
    readable(CPULocalStat.self, ["throttled_usec 0\n"]),
    readable(PidsEvents.self, ["max 0\n"]),
    readable(HugetlbEvents.self, ["max 0\n"]),
    readable(GroupState.self, ["populated 1\nfrozen 0\n"]),
    readable(DescendantStat.self, ["nr_descendants 1\nnr_dying_descendants 2\n"]),
    readable(FlatKeys.self, ["low 0\nhigh 0\n"]),
    readable(ProcessList.self, ["1\n2\n4194304\n", "0\n"]),
    readable(ControllerList.self, ["cpuset cpu io memory hugetlb pids rdma misc\n"]),
    readable(MountTable.self, [Samples.mountinfo]),
    readable(Membership.self, [Samples.membership]),
  ]

  private static func value<Value: KernelValue>(_ type: Value.Type, _ samples: [String]) -> KernelTextParsers {
    KernelTextParsers(name: "\(type)", samples: samples) { bytes in
      guard let value = try? Value(parsing: bytes) else { return true }
      return (try? Value(parsing: value.kernelText)) == value && !value.writtenText.isEmpty
    }
  }

  private static func table<Entry: TableEntry>(_ type: Entry.Type, _ samples: [String]) -> KernelTextParsers {
    KernelTextParsers(name: "table of \(type)", samples: samples) { bytes in
      guard let value = try? Table<Entry>(parsing: bytes) else { return true }
      return (try? Table<Entry>(parsing: value.description)) == value
    }
  }

  private static func readable<Value: KernelReadable>(
    _ type: Value.Type, _ samples: [String]
  ) -> KernelTextParsers {
    KernelTextParsers(name: "\(type)", samples: samples) { bytes in
      _ = try? Value(parsing: bytes)
      return true
    }
  }
}
