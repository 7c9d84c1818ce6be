import IOQoS
import Testing

let second: Int64 = 1_000_000_000

@Suite struct GovernorTrialTests {
  @Test func trial() {
    var device = SimulatedDevice(seed: 1)
    device.channels = 4
    device.base = PerDirection(read: 300_000, write: 300_000)
    device.sigma = 0.3
    device.bucketRate = 800
    device.speeds = [.init(from: 0, factor: 1), .init(from: 30 * second, factor: 1 / 3), .init(from: 48 * second, factor: 1)]
    let far = 70 * second
    var simulation = Simulation(
      device: device,
      workloads: [
        SimulatedWorkload(pace: .paced(50), isVictim: true, active: [8 * second..<far]),
        SimulatedWorkload(pace: .closed(depth: 128), active: [0..<far]),
      ], governor: Governor(), point: OperatingPoint(utilisation: 0.98, delayAllowance: 3_000_000, unloadedLatency: 300_000),
      seed: 1)
    let clock = ContinuousClock()
    let took = clock.measure { simulation.run(until: far) }
    print("took", took)
    var last = Order.Phase.learn
    for tick in simulation.ticks where tick.order.phase != last {
      last = tick.order.phase
      print(Double(tick.time) / 1e9, tick.order.phase, tick.order.reason, "C", tick.order.capacity ?? 0, "n", tick.inFlight)
    }
    for start in stride(from: 2, to: 70, by: 2) {
      let window = Int64(start) * second..<Int64(start + 2) * second
      print(start, "p50", simulation.percentile(0.5, in: window) ?? -1, "p99", simulation.percentile(0.99, in: window) ?? -1, "use", simulation.use(in: window), "C", simulation.estimate(at: window.upperBound) ?? -1)
    }
  }
}
