// What a tick of the daemon's IO loop costs, on files of the real format: swift run -c release tick-bench
//
// The tree lies on tmpfs, so the kernel's part is that of plain files: io.stat's own work (flushing the group's counters)
// and io.max's (starting a slice anew) aren't in it.
import CgroupKit
import Faults
import Glibc
import IOQoS
import IsolatedCore
import Logging

let active = 100
let idle = 900
let tick: Int64 = 20_000_000
let capacity = 20_000.0

/// The middle of the times, and the largest but for one in a hundred.
func summary(_ times: [Int64]) -> (median: Int64, p99: Int64) {
  let sorted = times.sorted()
  guard !sorted.isEmpty else { return (0, 0) }
  return (sorted[sorted.count / 2], sorted[min(sorted.count - 1, sorted.count * 99 / 100)])
}

func processorTime() -> Int64 {
  var now = timespec()
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now)
  return Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec)
}

/// Who is active asks for more than there is: all of them are held back, and their lines are written anew.
func measure(active: Int, idle: Int) throws(Fault) {
  let tree = try Tree(tenants: active + idle)
  defer { tree.remove() }
  let disk = IOAssignment.Disk(number: Tree.disk, name: "bench", id: "bench")
  let prices = CostModel.Prices(randomBase: 1e9 / capacity, sequentialBase: 1e9 / capacity, perPage: 0)
  let points = [0.1, 0.5, 0.9, 0.98].map { share in
    LatencyCurve.Point(utilisation: share, mean: 2_000_000, p50: 2_000_000, p99: 4_000_000)
  }
  let model = DeviceModel(
    identity: DeviceIdentity(serial: "bench", model: "bench", size: 1 << 40), measured: 1,
    cost: CostModel(read: prices, write: prices), curve: try LatencyCurve(points), burst: 0.1)
  var places = IOPlaces(top: nil, tenants: tree.root, memory: tree.root + "/memory")
  places.sysfs = tree.root + "/sys"
  places.loadSensor = { () throws(Fault) in throw Fault(.systemCallFailed, "no sensor in a benchmark") }
  var now: Int64 = 1_000_000_000
  var held = 0
  var loop = IOControlLoop(
    places: places, log: Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }, clock: { now }, jiffies: { now },
    edge: 0,
    post: { _ in },
    publish: { report in held = report.disks.first?.tenants.count { $0.granted != nil && $0.state == .share } ?? 0 })
  loop.turn(
    tree.groups.enumerated().map { index, group in
      let name = "tenant-\(index)"
      return .begin(name, group, [IOAssignment(tenant: name, disk: disk, promise: Promise(tenant: name), model: model)])
    })

  var ticks: [Int64] = []
  var seconds: [Int64] = []
  var total: Int64 = 0
  let share = capacity * Double(tick) / 1e9 / Double(max(1, active))
  var owed = Array(repeating: 0.0, count: active)
  let count = 1500
  for step in 0..<count {
    now += tick
    var reads: [UInt64] = []
    for index in owed.indices {
      owed[index] += share * (0.9 + 0.2 * Double((step * 7 + index * 13) % 11) / 10)
      reads.append(UInt64(owed[index]))
      owed[index] -= owed[index].rounded(.down)
    }
    tree.advance(reads, inFlight: active > 0 ? 200 : 0)
    let before = processorTime()
    loop.turn()
    let cost = processorTime() - before
    guard step >= count / 3 else { continue }
    total += cost
    if step % 50 == 49 { seconds.append(cost) } else { ticks.append(cost) }
  }
  let (median, p99) = summary(ticks)
  let perTenant = active > 0 ? ", \(median / Int64(active)) ns for each active tenant" : ""
  let measured = Double(count - count / 3) * Double(tick)
  print("\(active) active, \(idle) idle tenants; \(held) were held back at the end")
  print("  tick: median \(median) ns\(perTenant), p99 \(p99) ns (\(ticks.count) ticks)")
  print("  tick with the second's report: median \(summary(seconds).median) ns (\(seconds.count))")
  print(
    "  processor at \(1_000_000_000 / tick) ticks a second: \(Double(Int64(Double(total) / measured * 1e5)) / 1e3) %")
}

var machine = utsname()
uname(&machine)
let release = withUnsafeBytes(of: machine.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
print("Linux \(release), \(sysconf(Int32(_SC_NPROCESSORS_ONLN))) processors, files on tmpfs, thread time")
do throws(Fault) {
  try measure(active: active, idle: idle)
  try measure(active: active, idle: 0)
  try measure(active: 0, idle: idle)
} catch {
  print("\(error)")
  exit(1)
}
