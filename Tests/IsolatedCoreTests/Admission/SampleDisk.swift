import CgroupKit
import IOPlanning
import IOQoS
import Policy
import Testing

@testable import IOCalibration
@testable import IsolatedCore

/// Disks, calibrations and policies that the tests of admission share.
enum SampleDisk {
  static let now: Int64 = 1_800_000_000

  /// A disk as sysfs would describe it, with a partition whose number is one above its own.
  static func facts(
    _ name: String = "sda", minor: Int = 0, id: String? = nil, kind: DiskKind = .disk, size: Int = 1 << 30
  ) -> DiskFacts {
    var host = HostMechanisms(SystemTree(root: "/nowhere/at/all"))
    host.hasController = true
    host.knobs = ["io.max", "io.stat"]
    let mechanisms = Mechanisms(host: host, hasRequestQueue: true, schedulers: ["none"], scheduler: "none")
    return DiskFacts(
      name: name, number: "8:\(minor)", id: id ?? "id-\(name)", size: size, kind: kind, model: "a model",
      isRotational: false, isReadOnly: false, schedulers: ["none"], hasRequestQueue: true,
      partitions: [.init(name: name + "1", number: "8:\(minor + 1)", size: size)], holders: [], slaves: [],
      physicalDisks: [name], mounts: [], mechanisms: mechanisms,
      promise: PromiseVerdict(kind: kind, size: size, isReadOnly: false, mechanisms: mechanisms))
  }

  /// 1,000 random IOs of 4 KiB a second; p99 is 1, 2, 5 and 20 ms at 25, 50, 80 and 98 % load.
  static func calibration(of disk: DiskFacts, speed: Double = 1, date: Int64 = now - 86_400) -> Calibration {
    let points = [(0.25, 1e6), (0.5, 2e6), (0.8, 5e6), (0.98, 20e6)].map { load, p99 in
      LoadLatencyCurve.Point(
        utilisation: load, offered: load * 1000, rate: load * 1000, p50: p99 / 4, p99: p99, p999: nil, rawP99: p99,
        samples: 1000, isSaturated: false)
    }
    let rates = SaturatedRates(
      random: .init(read: 1000 * speed, write: 1000 * speed),
      sequential: .init(read: 4000 * speed, write: 4000 * speed),
      large: .init(read: 400 * speed, write: 400 * speed), largeLength: 1 << 20)
    let cost = CostFit(rates)
    return Calibration(
      disk: disk.measured,
      date: Int(date), method: "a test", target: "scratch", region: 1 << 30, seconds: 1, isThorough: false,
      rates: rates, cost: cost, kernelModel: StoredKernelModel(cost),
      curves: [LoadLatencyCurve(isWrite: false, capacity: 1000, measured: points)], throttle: nil, burst: 0.1,
      credits: nil, mixedCheck: Prediction(what: "a mix", predicted: 100, measured: 100),
      curveCheck: Prediction(what: "a point", predicted: 1, measured: 1), warnings: [])
  }

  /// A policy with one entry of `io:` for the path /x, whose lines begin at line 6.
  static func policy(_ lines: String..., tenant: String = "t") throws -> TenantPolicy {
    let head = ["tenant: \(tenant)", "command: [/bin/true]", "memory: {max: 1MiB}", "io:", "  - device: /x"]
    return try PolicyDocument.parse(
      text: (head + lines.map { "    " + $0 }).joined(separator: "\n") + "\n", file: "p.yaml")
  }

  static func entry(_ lines: String) throws -> IODevicePolicy { try #require(try policy(lines).io.first) }

  /// What admission reads of a disk.
  static func reading(
    _ facts: DiskFacts = facts(), calibrated: Calibration? = calibration(of: facts())
  ) throws -> IOLedger.Reading {
    let parts = facts.number.split(separator: ":").compactMap { UInt32($0) }
    return IOLedger.Reading(
      disk: .init(number: DeviceNumber(major: parts[0], minor: parts[1]), name: facts.name, id: facts.id),
      present: DeviceIdentity(facts.measured), parts: Set([facts.number] + facts.partitions.map(\.number)),
      stored: try calibrated.map { try DeviceModel($0) })
  }
}
