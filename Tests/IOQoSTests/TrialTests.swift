import IOQoS
import Testing
@Suite struct TrialTests {
  @Test func trial() {
    let s = Scenario.second
    for seed in 1...40 as ClosedRange<UInt64> {
      var sc = Scenario(seed: seed, victimTimes: [3*s..<16*s, 20*s..<40*s], end: 34*s)
      sc.device.speeds = [.init(from: 0, factor: 1), .init(from: 22*s, factor: 1/3), .init(from: 28*s, factor: 1)]
      var sim = sc.simulation()
      sim.run(until: 34*s)
      func r(_ x: Double?) -> Double { ((x ?? -1) * 1000).rounded() / 1000 }
      let kind = sc.device.bucketRate.map { "bucket \(Int($0))" } ?? "ch \(sc.device.channels) \(Int(sc.device.base.read/1000))us"
      print(seed, kind, "sig", sc.device.sigma, "n", sc.neighbours.count, "solo", r(sc.solo), "tgt", r(sc.target), "| p99", r(sim.percentile(0.99, in: 5*s..<16*s)), "use", r(sim.use(in: 5*s..<16*s)), "C", r(sim.estimate(at: 16*s)), "idle use", r(sim.use(in: 17*s..<20*s)), "| drop p99 1s+", r(sim.percentile(0.99, in: 23*s..<28*s)), "use", r(sim.use(in: 24*s..<28*s)), "C", r(sim.estimate(at: 24*s)), "| ret", r(sim.estimate(at: 30*s)), r(sim.estimate(at: 34*s)), "ac", r(sim.autocorrelation(lag: 2, in: 8*s..<16*s)))
    }
  }
}
