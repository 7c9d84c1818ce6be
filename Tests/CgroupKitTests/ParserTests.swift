import Faults
import Testing

@testable import CgroupKit

/// Expects a text to parse, and to print exactly as it was.
private func exact<Value: KernelValue>(_ type: Value.Type, _ texts: String...) throws {
  for text in texts {
    let value = try Value(parsing: text)
    #expect(value.kernelText == text, "\(type)")
    let again = try Value(parsing: text + "\n")
    #expect(again == value, "\(type) with a newline")
  }
}

/// Expects texts to be refused.
private func refused<Value: KernelReadable>(_ type: Value.Type, _ texts: String...) {
  for text in texts {
    #expect(
      fault { _ = try Value(parsing: text) }?.code == .unreadableText, "\(type) took \(text.debugDescription)"
    )
  }
}

@Suite struct ParserTests {
  @Test func settingsPrintExactlyWhatTheyWereParsedFrom() throws {
    try exact(Count.self, "0", "1", "18446744073709551615")
    try exact(Limit<Bytes>.self, "max", "0", "268435456")
    try exact(Limit<Percent>.self, "max", "0.00", "12.34", "100.00")
    try exact(CPUMax.self, "max 100000", "50000 100000", "1 1")
    try exact(Nice.self, "0", "-20", "19", "-2147483647")
    try exact(Flag.self, "0", "1")
    try exact(DeviceNumber.self, "8:16", "0:0", "4294967295:4294967295")
    try exact(IndexList.self, "", "0", "0-3", "0-3,8", "0,2,4-5", "4294967294-4294967295")
    try exact(
      CpusetPartition.self, "member", "root", "isolated", "root invalid",
      "root invalid (Cpu list in cpuset.cpus not exclusive)",
      "isolated invalid (Parent (x) is not a partition root)")
    try exact(IOMax.self, "8:16 rbps=2097152 wbps=max riops=max wiops=120")
    try exact(IOLatency.self, "8:16 target=10000")
    try exact(IOCostQoS.self, Samples.ioCostQoS)
    try exact(IOCostModel.self, Samples.ioCostModel)
    try exact(IOPriorityClass.self, "no-change", "promote-to-rt", "none-to-rt", "restrict-to-be", "idle")
    try exact(GroupType.self, "domain", "domain threaded", "domain invalid", "threaded")
    try exact(MiscLimit.self, "sev 50", "sev_es max")
    try exact(MiscAmount.self, "tdx 0")
    try exact(RDMALimit.self, "mlx4_0 hca_handle=2 hca_object=max")
    try exact(
      IODeviceStat.self, "8:16 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5 dios=6 cost.vrate=100.00", "8:0")
  }

  @Test func textThatIsNothingOfTheKindIsRefused() {
    refused(Count.self, "", "-1", "+1", "1 2", "18446744073709551616", "0x10", "１", "1.0")
    refused(Limit<Bytes>.self, "", "MAX", "max max", "12K", "-5")
    refused(
      Percent.self, "", ".", "1.", ".5", "1.234", "1.2.3", "-1.00", "184467440737095516.16", "nan", "1e3")
    refused(CPUMax.self, "", "max", "100000", "max max", "1 2 3", "x 100000", "-1 100000")
    refused(Nice.self, "", "-", "--1", "2147483648", "-2147483648", "1-")
    refused(Flag.self, "", "2", "on", "00x")
    refused(DeviceNumber.self, "", ":", "8", "8:", ":16", "8:16:1", "4294967296:0", "-8:1", "8 :16")
    refused(
      IndexList.self, "a", "3-1", "-", "1-", "-1", "1,", ",1", "1,,2", "1--2", "1 2", "4294967296", "0-3:1/2")
    refused(CpusetPartition.self, "", "leaf", "root broken", "root invalid reason", "root invalid (x")
    refused(IOMax.self, "", "8:16 bps=1", "8:16 rbps", "8:16 rbps=", "8:16 rbps=-1", "rbps=1")
    refused(
      IOLatency.self, "8:16", "8:16 target=", "8:16 target=x", "8:16 target=1 target=2", "8:16 latency=1")
    refused(IOCostQoS.self, "8:16 enable=2", "8:16 ctrl=nobody", "8:16 rpct=x", "8:16 news=1")
    refused(IOCostModel.self, "8:16 model=cubic", "8:16 rbps=max", "8:16 ctrl=")
    refused(IOWeights.self, "", "8:0 100", "default", "default x", "default 1 2", "x 100\ndefault 1")
    refused(Pressure.self, "", "some", "some avg10=0.00 avg60=0.00 avg300=0.00", "most avg10=0.00")
    refused(Pressure.self, "some avg60=0.00 avg10=0.00 avg300=0.00 total=0")
    refused(CPUStat.self, "", "user_usec 1", "usage_usec", "usage_usec x", "usage_usec 1 2", "usage_usec -1")
    refused(GroupState.self, "", "frozen 1")
    refused(ProcessList.self, "x", "-1", "4294967296", "12 -3")
    refused(ControllerList.self, "cpu +memory", "CPU", "io.max")
    refused(MiscLimit.self, "sev", "sev x", "sev 1 2")
    refused(RDMALimit.self, "", "mlx4_0 news=1", "mlx4_0 hca_handle=-1")
  }

  @Test func aRefusalShowsTheTextAndHidesControlCharacters() {
    let refusal = fault { _ = try Count(parsing: "12\u{1b}[31m" + String(repeating: "x", count: 5000)) }
    #expect(refusal?.message.contains("\u{1b}") == false)
    #expect((refusal?.message.count ?? 1000) < 200)
  }

  @Test func whatANewerKernelAddsToStatisticsIsPassedOver() throws {
    let stat = try MemoryStat(parsing: Samples.memoryStat)
    #expect(stat[.anon] == 1_236_992)
    #expect(stat[.numaPagesMigrated] == 0)
    #expect(stat[.hugetlb] == nil)
    let cpu = try CPUStat(parsing: "usage_usec 7\nnews 8\nuser_usec 4\nsystem_usec 3\nnr_periods 2\n")
    #expect(cpu.usage == 7 && cpu.periods == 2 && cpu.throttled == nil)
    let events = try MemoryEvents(parsing: "low 1\nhigh 2\nmax 3\noom 4\noom_kill 5\nsock_throttled 9\n")
    #expect(events.oomKill == 5 && events.oomGroupKill == nil)
  }

  @Test func everyKeyOfMemoryStatIsFoundByItsNameInAnyOrder() throws {
    var random = Randomness(seed: 1)
    for _ in 0..<20 {
      let keys = MemoryStat.Key.allCases.shuffled(using: &random).prefix(Int(random.next() % 73))
      let values = keys.map { ($0, random.number()) }
      let text = values.map { "\($0.0.name) \($0.1)\n" }.joined()
      let stat = try MemoryStat(parsing: text)
      for key in MemoryStat.Key.allCases { #expect(stat[key] == values.first { $0.0 == key }?.1) }
    }
  }

  @Test func aLineOfIOStatMayLackAnyKey() throws {
    let table = try Table<IODeviceStat>(parsing: Samples.ioStat)
    #expect(table.entries.count == 5)
    #expect(table[DeviceNumber(major: 8, minor: 16)]?.costVrate == 100)
    let onlyCost = table[DeviceNumber(major: 253, minor: 1)]
    #expect(onlyCost?.rbytes == nil && onlyCost?.costUsage == 12 && onlyCost?.costIndelay == 1)
    #expect(table[DeviceNumber(major: 7, minor: 0)] == IODeviceStat(device: .init(major: 7, minor: 0)))
    #expect(table[DeviceNumber(major: 7, minor: 1)] == IODeviceStat(device: .init(major: 7, minor: 1)))
  }

  @Test func pressurePrintsExactlyWhatItWasParsedFrom() throws {
    let pressure = try Pressure(parsing: Samples.pressure)
    #expect(pressure.kernelText + "\n" == Samples.pressure)
    #expect(pressure.some?.average60 == Percent(hundredths: 345))
    let interrupts = try Pressure(parsing: "full avg10=0.00 avg60=0.00 avg300=0.00 total=5\n")
    #expect(interrupts.some == nil && interrupts.full?.total == 5)
  }

  @Test func weightsPrintExactlyWhatTheyWereParsedFrom() throws {
    let text = "default 100\n8:16 200\n259:0 1"
    let weights = try IOWeights(parsing: text + "\n")
    #expect(weights.kernelText == text)
    #expect(weights[DeviceNumber(major: 8, minor: 16)] == 200)
    #expect(weights[DeviceNumber(major: 1, minor: 1)] == 100)
    #expect(try IOWeights(parsing: "150\n").standard == 150)
  }

  @Test func parametersThatTheKernelChoseAreNotWrittenBackAsTheUsers() throws {
    #expect(try IOCostQoS(parsing: Samples.ioCostQoS).writtenText == "8:16 enable=1 ctrl=auto")
    let model = try IOCostModel(parsing: Samples.ioCostModel)
    #expect(model.writtenText == Samples.ioCostModel)
    #expect(try CpusetPartition(parsing: "root invalid (x)").writtenText == "root")
  }

  @Test func mountsAndMembershipsAreFound() throws {
    let mount = try MountTable(parsing: Samples.mountinfo).cgroup2
    #expect(mount == CgroupMount(root: "/", mountPoint: "/sys/fs/cgroup v2/x\\y"))
    let membership = try Membership(parsing: Samples.membership)
    #expect(membership.path == "/user.slice/a:b" && membership.isDeleted)
    #expect(try Membership(parsing: "1:name=systemd:/\n").path == nil)
    let part = CgroupMount(root: "/a", mountPoint: "/m")
    #expect(part.relativePath(of: "/a/b") == "/b")
    #expect(part.relativePath(of: "/a")?.isEmpty == true)
    #expect(part.relativePath(of: "/ab") == nil)
  }

  @Test func deviceNumbersAreTakenApartAsTheCLibraryPacksThem() {
    #expect(DeviceNumber(userSpace: 0x0103) == DeviceNumber(major: 1, minor: 3))
    #expect(
      DeviceNumber(userSpace: 0x1234_5000_6789_abcd) == DeviceNumber(major: 0x1234_59ab, minor: 0x0006_78cd))
    #expect(fault { _ = try DeviceNumber(blockDevice: "/dev/null") }?.code == .noSuchDevice)
    #expect(fault { _ = try DeviceNumber(blockDevice: "/dev/nowhere") }?.code == .noSuchDevice)
  }

  @Test func amountsThatOverflowBecomeTheLargest() {
    #expect(Bytes.gibibytes(.max) == Bytes(.max))
    #expect(Microseconds.seconds(.max) == Microseconds(.max))
    #expect(Percent(.max).hundredths == .max)
    #expect(CPUMax.percent(Percent(hundredths: .max)).quota != nil)
    #expect(CPUMax.percent(150).quota == 150_000)
    #expect(Microseconds(.max).duration > .seconds(18_446_744_073_709))
    #expect(Limit<Bytes>.max > .at(Bytes(.max)))
  }
}
