import IOQoS

/// What a calibration finds of a simulated disk: a reader's latencies while it has the disk to itself.
struct SimulatedCalibration {
  private let mean: Int64
  private let p50: Int64
  private let p99: Int64
  private let isVolume: Bool

  init(of device: SimulatedDevice, seed: UInt64) {
    let end = 10 * Scenario.second
    let reader = Promise(tenant: "alone", targets: [LatencyTarget(.read, latency: Scenario.second)])
    var alone = Simulation(
      device: device, model: nil,
      workloads: [SimulatedWorkload(pace: .paced(50), promise: reader, active: [0..<end])], seed: seed)
    alone.isGoverned = false
    alone.run(until: end)
    let values = alone.latencies.map(\.nanoseconds).sorted()
    func percentile(_ share: Double) -> Int64 {
      values.isEmpty ? 1 : values[min(values.count - 1, Int(share * Double(values.count)))]
    }
    mean = max(1, values.reduce(0, +) / Int64(max(1, values.count)))
    p50 = percentile(0.5)
    p99 = percentile(0.99)
    isVolume = device.bucketRate != nil
  }

  /// The reader's p99, in milliseconds.
  var solo: Double { Double(p99) / 1e6 }

  /// How much later than alone a p99 may be: a quarter of a tick's burst is in no one's power, in milliseconds.
  var allowance: Double { isVolume ? 6 : 20 }

  /// The latency that a victim is promised, in milliseconds.
  var target: Double { max(2 * solo, solo + allowance) }

  /// A tenant with that target, and a reservation of what it does: else its fair part of a disk that became slower could
  /// be less than that.
  var victim: Promise {
    Promise(
      tenant: "victim", reservation: PromisedRates(read: PromisedRate(operations: 60)),
      targets: [LatencyTarget(.read, latency: Int64(target * 1e6))])
  }

  /// The disk at its nominal speed, by a curve that keeps the target up to 0.98 of it.
  func model(of device: SimulatedDevice) throws -> DeviceModel {
    func point(_ utilisation: Double) -> LatencyCurve.Point {
      LatencyCurve.Point(utilisation: utilisation, mean: mean, p50: p50, p99: p99)
    }
    return DeviceModel(
      identity: DeviceIdentity(serial: "", model: "simulated", size: 1 << 40), measured: 0, cost: device.cost,
      curve: try LatencyCurve([point(0.05), point(0.98)]), burst: isVolume ? 0.1 : 0)
  }
}
