import Glibc
import IOQoS
import Testing

/// The laws of the control loop over random disks and neighbours; a failure names the seed that shows it.
///
/// `IOQOS_SCENARIOS` sets how many (24 by default, for the debug build's sake).
@Suite struct GovernorPropertyTests {
  private static let second = Scenario.second
  static let seeds: ClosedRange<UInt64> = {
    let wanted = getenv("IOQOS_SCENARIOS").flatMap { UInt64(String(cString: $0)) } ?? 24
    return 1...max(1, min(wanted, 1_000_000))
  }()

  @Test(arguments: seeds) func `a victim's target and the disk's throughput hold together`(seed: UInt64) throws {
    let s = Self.second
    let scenario = Scenario(seed: seed, victimTimes: [3 * s..<16 * s], end: 20 * s)
    var simulation = try scenario.simulation()
    simulation.run(until: 20 * s)
    let isVolume = scenario.device.bucketRate != nil

    let tail = try #require(simulation.percentile(0.99, in: 5 * s..<16 * s))
    #expect(tail <= scenario.target, "seed \(seed): p99 \(tail) ms, target \(scenario.target) ms")
    let busy = simulation.use(in: 5 * s..<16 * s)
    #expect(busy >= (isVolume ? 0.98 : 0.9), "seed \(seed): \(busy) of the disk while the victim is active")
    let idle = simulation.use(in: 17 * s + s / 2..<20 * s)
    #expect(idle >= 0.98, "seed \(seed): \(idle) of the disk while it idles")
    let estimate = try #require(simulation.estimate(at: 3 * s))
    #expect(abs(estimate - 1) <= 0.05, "seed \(seed): capacity estimated at \(estimate) of the truth")
    let later = try #require(simulation.estimate(at: 16 * s))
    #expect(
      abs(later - 1) <= (isVolume ? 0.01 : 0.08), "seed \(seed): capacity at \(later) of the truth after cruising")
    let echo = simulation.autocorrelation(lag: 2, in: 8 * s..<16 * s)
    #expect(echo > -0.3, "seed \(seed): the rate swings, autocorrelation \(echo) at two ticks")
  }

  @Test(arguments: seeds) func `a capacity that falls to a third is found within a second`(seed: UInt64) throws {
    let s = Self.second
    var scenario = Scenario(seed: seed, victimTimes: [3 * s..<12 * s], end: 12 * s)
    scenario.device.speeds = [.init(from: 0, factor: 1), .init(from: 6 * s, factor: 1.0 / 3)]
    var simulation = try scenario.simulation()
    simulation.run(until: 12 * s)
    let isVolume = scenario.device.bucketRate != nil

    // The slower disk's own service, and its share of a tick's burst, take three times as long.
    let tail = try #require(simulation.percentile(0.99, in: 7 * s..<12 * s))
    let bound = isVolume ? scenario.solo + 8 * scenario.allowance : 3 * scenario.target
    #expect(tail <= bound, "seed \(seed): p99 \(tail) ms after the drop, bound \(bound) ms")
    let estimate = try #require(simulation.estimate(at: 8 * s))
    #expect(
      abs(estimate - 1) <= (isVolume ? 0.04 : 0.15),
      "seed \(seed): capacity at \(estimate) of the truth 2 s after the drop")
    let use = simulation.use(in: 8 * s..<12 * s)
    #expect(use >= (isVolume ? 0.96 : 0.85), "seed \(seed): \(use) of what is left")
  }

  @Test func `a capacity that comes back is regained while the target stays active`() throws {
    let s = Self.second
    var missed: [String] = []
    let seeds = 1...UInt64(16)
    for seed in seeds {
      var scenario = Scenario(seed: seed, victimTimes: [3 * s..<40 * s], end: 40 * s)
      scenario.device.speeds = [
        .init(from: 0, factor: 1), .init(from: 6 * s, factor: 1.0 / 3), .init(from: 14 * s, factor: 1),
      ]
      var simulation = try scenario.simulation()
      simulation.run(until: 22 * s)
      let estimate = simulation.estimate(at: 22 * s) ?? 0
      if estimate < 0.95 { missed.append("seed \(seed): \(estimate)") }
    }
    #expect(missed.isEmpty, "not regained 8 s after it came back: \(missed)")
  }

  @Test(arguments: 1...UInt64(16))
  func `a capacity that comes back when no target is active is used after 4 s`(seed: UInt64) throws {
    let s = Self.second
    var scenario = Scenario(seed: seed, victimTimes: [3 * s..<14 * s], end: 24 * s)
    scenario.device.speeds = [
      .init(from: 0, factor: 1), .init(from: 6 * s, factor: 1.0 / 3), .init(from: 14 * s, factor: 1),
    ]
    var simulation = try scenario.simulation()
    simulation.run(until: 24 * s)
    let use = simulation.use(in: 18 * s..<24 * s)
    #expect(use >= 0.97, "seed \(seed): \(use) of the disk")
  }

  @Test(arguments: 1...UInt64(8)) func `a stall doesn't make the disk look slow`(seed: UInt64) throws {
    let s = Self.second
    var scenario = Scenario(seed: seed, victimTimes: [3 * s..<12 * s], end: 12 * s)
    scenario.device.stalls = [6 * s..<6 * s + s * 3 / 10]
    var simulation = try scenario.simulation()
    simulation.run(until: 12 * s)
    let estimate = try #require(simulation.estimate(at: 8 * s))
    #expect(estimate >= 0.8, "seed \(seed): capacity at \(estimate) of the truth after a stall of 0.3 s")
  }

  @Test(arguments: 1...UInt64(8)) func `depth gains a neighbour nothing`(seed: UInt64) throws {
    let s = Self.second
    var scenario = Scenario(seed: seed, victimTimes: [3 * s..<14 * s], end: 14 * s)
    scenario.neighbours = [64, 1023].map {
      SimulatedWorkload(pace: .closed(depth: $0), active: [0..<14 * s])
    }
    var simulation = try scenario.simulation()
    simulation.run(until: 5 * s)
    let before = simulation.ended
    simulation.proceed(until: 14 * s)
    let honest = Double(simulation.ended[0] - before[0])
    let deep = Double(simulation.ended[1] - before[1])
    #expect(deep <= 1.1 * honest, "seed \(seed): \(deep) operations at depth 1023, \(honest) at depth 64")
  }

  @Test(arguments: 1...UInt64(8)) func `bursts gain a neighbour nothing`(seed: UInt64) throws {
    let s = Self.second
    var scenario = Scenario(seed: seed, victimTimes: [3 * s..<19 * s], end: 19 * s)
    scenario.neighbours = [
      SimulatedWorkload(pace: .closed(depth: 128), active: [0..<19 * s]),
      SimulatedWorkload(pace: .closed(depth: 64), active: [0..<19 * s], on: 2 * s, period: 4 * s),
    ]
    var simulation = try scenario.simulation()
    simulation.run(until: 4 * s)
    let before = simulation.ended
    simulation.proceed(until: 18 * s + s / 2)
    let steady = Double(simulation.ended[0] - before[0])
    let bursty = Double(simulation.ended[1] - before[1])
    // It is there for 8 of 14.5 s and gets half of that: 4 : 10.5, and what it has queued runs on after each burst.
    #expect(bursty <= 0.5 * steady, "seed \(seed): \(bursty) operations in bursts, \(steady) steadily")
    let tail = try #require(simulation.percentile(0.99, in: 5 * s..<18 * s))
    // Each waking brings a slice of its share at once: 20 of 700 of the victim's operations may meet one.
    #expect(tail <= 2 * scenario.target, "seed \(seed): p99 \(tail) ms, target \(scenario.target) ms")
  }
}
