import IOQoS
import Testing
@Suite struct TrialTwo {
  @Test func trial() {
    let s = Scenario.second
    for seed in [9, 5] as [UInt64] {
      var sc = Scenario(seed: seed, victimTimes: [3*s..<16*s], end: 16*s); if seed != 9 { sc.device.speeds = [.init(from: 0, factor: 1), .init(from: 5*s, factor: 1/3)] }
      var sim = sc.simulation()
      sim.run(until: 16*s)
      print(sc.neighbours.map { "\($0.pace) \($0.sizes) \($0.writeShare)" }, sc.device.base, sc.device.perByte, sc.point)
      var last = Order.Phase.learn
      for tick in sim.ticks where tick.order.phase != last && tick.time < 9*s && tick.time > 2*s {
        last = tick.order.phase
        print(Double(tick.time) / 1e9, tick.order.phase, tick.order.reason, "C", tick.order.capacity ?? 0, "n", tick.inFlight)
      }
      for start in 3..<16 { let w = Int64(start)*s..<Int64(start+1)*s; print(start, sim.percentile(0.5, in: w) ?? 0, sim.percentile(0.99, in: w) ?? 0, sim.use(in: w)) }
    }
  }
}
