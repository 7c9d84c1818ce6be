import Glibc
import IOQoS
import Policy
import Testing

@testable import IOCalibration

/// Values that the tests of this room share.
enum Samples {
  static let now: Int64 = 1_800_000_000

  /// A disk of 1,000 random IOs of 4 KiB a second, whose p99 rises from 1 to 20 ms.
  static func calibration(of disk: DiskFacts, latencies: [Double] = [1e6, 2e6, 5e6, 20e6]) -> Calibration {
    let points = zip([0.25, 0.5, 0.8, 0.98], latencies).map { load, p99 in
      LoadLatencyCurve.Point(
        utilisation: load, offered: load * 1000, rate: load * 1000, p50: p99 / 4, p99: p99, p999: nil, rawP99: p99,
        samples: 1000, isSaturated: false)
    }
    let rates = SaturatedRates(
      random: .init(read: 1000, write: 1000), sequential: .init(read: 4000, write: 4000),
      large: .init(read: 400, write: 400), largeLength: 1 << 20)
    let cost = CostFit(rates)
    return Calibration(
      disk: disk.measured,
      date: Int(now) - 86_400, method: "a test", target: "scratch", region: 1 << 30, seconds: 1, isThorough: false,
      rates: rates, cost: cost, kernelModel: StoredKernelModel(cost),
      curves: [LoadLatencyCurve(isWrite: false, capacity: 1000, measured: points)], throttle: nil, burst: 0.1,
      credits: nil, mixedCheck: Prediction(what: "a mix", predicted: 100, measured: 100),
      curveCheck: Prediction(what: "a point", predicted: 1, measured: 1), warnings: [])
  }

  /// Disks as DiskFacts finds them in a tree that stands for /sys, by name and level of RAID, if it is one.
  static func disks(_ names: [(name: String, raid: String?)]) throws -> [DiskFacts] {
    let template = try #require(strdup("/tmp/io-planning-tests.XXXXXX"))
    defer { free(template) }
    let root = String(cString: try #require(mkdtemp(template)))
    var made: [String] = []
    func directory(_ path: String) {
      if mkdir(root + path, 0o755) == 0 { made.append(root + path) }
    }
    func file(_ path: String, _ text: String) throws {
      let parts = path.split(separator: "/").dropLast()
      for count in 0..<parts.count { directory("/" + parts[...count].joined(separator: "/")) }
      let stream = try #require(fopen(root + path, "w"))
      fputs(text, stream)
      fclose(stream)
      made.append(root + path)
    }
    try file("/proc/self/mountinfo", "24 30 0:22 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw\n")
    try file("/sys/fs/cgroup/cgroup.controllers", "cpu io memory\n")
    for knob in ["io.stat", "io.max", "io.weight"] { try file("/sys/fs/cgroup/system.slice/\(knob)", "") }
    for (index, disk) in names.enumerated() {
      try file("/sys/block/\(disk.name)/dev", "8:\(index * 16)\n")
      try file("/sys/block/\(disk.name)/size", "2097152\n")
      if let raid = disk.raid { try file("/sys/block/\(disk.name)/md/level", raid + "\n") }
    }
    defer { for path in made.reversed() + [root] { remove(path) } }
    return DiskFacts.all(SystemTree(root: root))
  }

  /// The promise of an `io:` entry on a disk without a calibration.
  static func promise(_ lines: String...) throws -> Promise {
    Promise(tenant: "t", policy: try entry(lines), model: nil)
  }

  /// The `io:` entry of a policy whose lines are given.
  static func entry(_ lines: String...) throws -> IODevicePolicy { try entry(lines) }

  private static func entry(_ lines: [String]) throws -> IODevicePolicy {
    let head = ["tenant: t", "command: [/bin/true]", "memory: {max: 1MiB}", "io:", "  - device: /x"]
    let text = (head + lines.map { "    " + $0 }).joined(separator: "\n")
    return try #require(try PolicyDocument.parse(bytes: text.utf8, file: "t").io.first)
  }
}
