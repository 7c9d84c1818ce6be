// What a scrape costs: swift run -c release scrape-bench [TENANTS [FILE]]; FILE gets the last exposition.
//
// The tree lies on tmpfs, so the kernel's part is that of plain files: flushing a group's counters, which cpu.stat and
// io.stat of a real group do, isn't in it.
import CgroupKit
import ControlProtocol
import Faults
import Glibc
import IOQoS
import IOSensor
import IsolatedCore

/// Processor time of the whole process in nanoseconds: nothing else runs in it.
func processorTime() -> Int64 {
  var now = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now)
  return Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec)
}

/// All tenants on a disk, each with a target and histograms of reads and synchronous writes.
func report(_ names: [String]) -> IOControlLoop.Report {
  let disk = IOAssignment.Disk(number: DeviceNumber(major: 259, minor: 3), name: "nvme0n1", id: "bench")
  var totals = LatencyTotals()
  for time: UInt64 in [90_000, 900_000, 9_000_000, 90_000_000] { totals.record(time, count: 123_456) }
  let latencies = [IOSensor.IOOperation.read, .syncWrite].map { IOMeasures.Latency(operation: $0, totals: totals) }
  var report = IOControlLoop.Report()
  report.measures.disks = [
    IOMeasures.Disk(
      disk: disk,
      tenants: names.map { name in
        IOMeasures.Tenant(
          name: name, promise: Promise(tenant: name, targets: [LatencyTarget(.read, latency: 5_000_000)]),
          latencies: latencies)
      })
  ]
  let tenants = names.map { name in
    IOTenant(
      name: name, weight: 100, reserved: 0, readOperations: 100, writeOperations: 10, readBytes: 409_600,
      writeBytes: 40_960, used: 0.123, granted: 0.25, state: .share, reason: "bench", heldShare: 0.5)
  }
  report.disks = [
    IODisk(
      number: "259:3", name: "nvme0n1", mechanism: "io.max", phase: .cruise, reason: "bench", used: 0.9, inFlight: 3,
      readOperations: 1, writeOperations: 1, readBytes: 1, writeBytes: 1, tickUsec: 8000, tenants: tenants)
  ]
  return report
}

/// To what the daemon's unit has, or as far as is allowed.
func raiseDescriptorLimit() {
  let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
  var limit = rlimit(rlim_cur: 524_288, rlim_max: 524_288)
  if setrlimit(resource, &limit) == 0 { return }
  getrlimit(resource, &limit)
  limit.rlim_cur = limit.rlim_max
  setrlimit(resource, &limit)
  print("no more than \(limit.rlim_cur) descriptors")
}

func measure(_ tenants: Int, _ file: String?) async throws {
  raiseDescriptorLimit()
  let tree = try Tree(tenants: tenants)
  defer { tree.remove() }
  let snapshot = SupervisorSnapshot(tenants: tree.groups.map { TenantSnapshot(running: $0.name, group: $0.group) })
  let io = report(tree.groups.map(\.name))
  for (kind, report) in [("without disks under the scheduler", IOControlLoop.Report()), ("all on a disk", io)] {
    let scraped = try ScrapeReport(ScrapeInputs(supervisor: { snapshot }, io: { report }))
    let before = processorTime()
    var size = await scraped.exposition(.openMetrics).count
    let first = processorTime() - before
    for format in ExpositionFormat.allCases {
      var times: [Int64] = []
      for _ in 0..<40 {
        let before = processorTime()
        size = await scraped.exposition(format).count
        times.append(processorTime() - before)
      }
      times.sort()
      print(
        "\(tenants) tenants, \(kind), \(format): median \(times[20] / 1000) us, worst of 40 \(times[39] / 1000) us, "
          + "\(size >> 10) KiB")
    }
    let status = processorTime()
    let document = await scraped.status().count
    print(
      "  the first, which opens files: \(first / 1000) us; the status page's data:"
        + " \((processorTime() - status) / 1000) us, \(document >> 10) KiB")
    guard let file else { continue }
    let bytes = await scraped.exposition(.prometheusText)
    let number = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes { write(number, $0.baseAddress.map { $0 + written }, $0.count - written) }
      guard count > 0 else { break }
      written += count
    }
    close(number)
  }
}

var machine = utsname()
uname(&machine)
let release = withUnsafeBytes(of: machine.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
print("Linux \(release), \(sysconf(Int32(_SC_NPROCESSORS_ONLN))) processors, files on tmpfs, process time")
let arguments = CommandLine.arguments.dropFirst()
do {
  try await measure(arguments.first.flatMap { Int($0) } ?? 1000, arguments.dropFirst().first)
} catch {
  print("\(error)")
  exit(1)
}
