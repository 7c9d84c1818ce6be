// Loads the IO sensor and answers on standard output to the lines of standard input; the lab's test of the sensor talks
// to it.
//
//   mark             from here on `window` counts
//   window           what was counted since; ended by a line "end LOST"
//   costs            "NAME RUNS NANOSECONDS MISSED" for each program; ended by "end"
//   forget           leaves removed groups out: their ids, ended by "end"
//   quit
//
// A line of `window`: CGROUP DISK OPERATION COUNT, then for each phase its name and count, p50, p90, p99, p99.9 and sum
// in nanoseconds, with colons between.
// usage: iosensor-probe PROGRAM [ROWS FLIGHTS]
import Faults
import Glibc
import IOSensor
import Kernel

func line(_ key: IOLatencyKey, _ latencies: IOLatencies) -> String {
  var words = ["\(key.cgroup)", "\(key.disk)", "\(key.operation)", "\(latencies.count)"]
  for phase in IOPhase.allCases {
    let histogram = latencies[phase]
    let quantiles = [0.5, 0.9, 0.99, 0.999].map { "\(histogram.quantile($0) ?? 0)" }
    words.append(
      (["\(phase)", "\(histogram.count)"] + quantiles + ["\(histogram.totalNanoseconds)"]).joined(separator: ":"))
  }
  return words.joined(separator: " ")
}

func answer(_ command: String, _ sensor: IOLatencySensor, _ mark: inout IOLatencySnapshot) throws(Fault) -> [String] {
  switch command {
  case "mark":
    mark = try sensor.read()
    _ = try sensor.readWindow()
    return ["end"]
  case "window":
    let window = try sensor.read().since(mark)
    let same = try sensor.readWindow()
    for (key, latencies) in window.latencies where same[key]?.count ?? 0 < latencies.count {
      return ["the window of \(key) lacks IOs", "end"]
    }
    return window.latencies.map(line).sorted() + ["end \(window.lost)"]
  case "costs":
    return try sensor.costs().map { "\($0.name) \($0.runs) \($0.nanoseconds) \($0.missed)" } + ["end"]
  case "forget":
    let mount = OwnedDescriptor(
      owning: try systemCall("open", path: "/sys/fs/cgroup") { open("/sys/fs/cgroup", O_RDONLY | O_CLOEXEC) })
    return try sensor.forgetRemovedGroups(under: mount.rawValue).map { "\($0)" } + ["end"]
  default:
    return ["unknown command", "end"]
  }
}

func run(_ arguments: [String]) throws(Fault) {
  var sizes = IOLatencySensor.Sizes()
  if arguments.count > 3, let rows = Int(arguments[2]), let flights = Int(arguments[3]) {
    sizes = IOLatencySensor.Sizes(rows: rows, flights: flights, shards: 2)
  }
  let sensor = try IOLatencySensor.load(program: arguments[1], sizes: sizes)
  var mark = try sensor.read()
  print("loaded throttle=\(sensor.seesThrottle)")
  fflush(nil)
  while let command = readLine(), command != "quit" {
    for text in try answer(command, sensor, &mark) { print(text) }
    fflush(nil)
  }
}

do throws(Fault) {
  try run(CommandLine.arguments)
} catch {
  print("fault \(error.code.rawValue): \(error)")
  exit(1)
}
