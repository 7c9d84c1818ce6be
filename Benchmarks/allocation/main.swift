import IOQoS

/// Times the division of a device among active claims, and prints the median of many ticks. Run in release:
/// `swift run --configuration release allocation-bench [CLAIMS]`.
struct Mixer: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state ^ (state >> 33)
  }
}

func claims(_ count: Int, _ mixer: inout Mixer) -> [Claim] {
  (0..<count).map { _ in
    Claim(
      reservation: .random(in: 0...1e5, using: &mixer),
      limit: .random(in: 0...1, using: &mixer) < 0.3 ? .random(in: 1e5...1e7, using: &mixer) : .infinity,
      demand: .random(in: 0...1, using: &mixer) < 0.5 ? .random(in: 0...2e6, using: &mixer) : .infinity,
      weight: .random(in: 1...10_000, using: &mixer))
  }
}

/// The median and the greatest, in microseconds, of so many ticks; `change` prepares the claims for each.
func measure(_ name: String, _ ticks: Int, _ start: [Claim], change: (inout [Claim], Int) -> Void) {
  let clock = ContinuousClock()
  var allocation = Allocation()
  var (grants, claims, times, checksum) = ([Double](), start, [Duration](), 0.0)
  for tick in 0..<ticks {
    change(&claims, tick)
    let time = clock.measure { checksum += allocation.share(1e9, among: claims, into: &grants).granted }
    times.append(time)
  }
  times.sort()
  func microseconds(_ time: Duration) -> Double { Double(time.components.attoseconds / 100_000_000_000) / 10 }
  let (median, tail) = (microseconds(times[ticks / 2]), microseconds(times[ticks * 99 / 100]))
  print("\(start.count) claims, \(name): median \(median) us, p99 \(tail) us (checksum \(checksum))")
}

let count = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 1024
guard (1...1_000_000).contains(count) else { fatalError("CLAIMS must be 1 to 1000000") }
var mixer = Mixer(state: 7)
let start = claims(count, &mixer)
measure("all the same", 2000, start) { _, _ in }
measure("a tenth of the demands change a little", 2000, start) { claims, _ in
  for index in claims.indices where claims[index].demand.isFinite && mixer.next() % 5 == 0 {
    claims[index].demand *= .random(in: 0.9...1.1, using: &mixer)
  }
}
measure("a tenth of them fall asleep or wake", 2000, start) { claims, _ in
  for index in claims.indices where mixer.next() % 10 == 0 {
    claims[index].demand = claims[index].demand > 0 ? 0 : .infinity
  }
}
let others = (0..<16).map { _ in claims(count, &mixer) }
measure("all new", 2000, start) { $0 = others[$1 % 16] }
