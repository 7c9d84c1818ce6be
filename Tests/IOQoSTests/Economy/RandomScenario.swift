import IOQoS

/// Random inputs for the division, from a seed, so that a failing scenario can be run again.
struct RandomScenario: RandomNumberGenerator {
  let seed: UInt64
  private var random: SplitMix64

  init(seed: UInt64) {
    self.seed = seed
    random = SplitMix64(seed: seed)
  }

  mutating func next() -> UInt64 { random.next() }

  mutating func number(_ range: ClosedRange<Double>) -> Double { .random(in: range, using: &self) }
  mutating func count(_ range: ClosedRange<Int>) -> Int { .random(in: range, using: &self) }
  mutating func chance(_ part: Double) -> Bool { number(0...1) < part }

  /// Numbers of all magnitudes, as many small as large.
  mutating func magnitude() -> Double {
    var value = number(1...10)
    let power = count(-3...9)
    for _ in 0..<abs(power) { value = power < 0 ? value / 10 : value * 10 }
    return value
  }

  /// What a defect elsewhere, or a hostile file, might hand in.
  mutating func hostile() -> Double {
    let values: [Double] = [
      .nan, -.nan, .infinity, -.infinity, 0, -0.0, -1, -1e300, 1e300, .greatestFiniteMagnitude, .leastNonzeroMagnitude,
      .leastNormalMagnitude, 1e18, 1e19, 0.1, 1, 1e9,
    ]
    return chance(0.7) ? values[count(0...values.count - 1)] : magnitude()
  }

  mutating func claim() -> Claim {
    Claim(
      reservation: chance(0.5) ? 0 : magnitude(), limit: chance(0.6) ? .infinity : magnitude(),
      demand: chance(0.5) ? .infinity : (chance(0.1) ? 0 : magnitude()),
      weight: chance(0.3) ? 100 : Double(count(1...10_000)))
  }

  mutating func claims(_ range: ClosedRange<Int> = 1...24) -> [Claim] { (0..<count(range)).map { _ in claim() } }
}

extension Claim {
  /// The most that it may get.
  var most: Double { min(limit, demand) }
  /// What it is sure of while the budget holds.
  var sure: Double { min(reservation, most) }
}

/// The grants and the outcome of a division without history.
func divide(_ budget: Double, _ claims: [Claim]) -> (grants: [Double], outcome: Allocation.Outcome) {
  var allocation = Allocation()
  var grants: [Double] = []
  let outcome = allocation.share(budget, among: claims, into: &grants)
  return (grants, outcome)
}

/// Jain's fairness index: 1 where all are equal.
func jain(_ values: [Double]) -> Double {
  let sum = values.reduce(0, +)
  let squares = values.reduce(0) { $0 + $1 * $1 }
  return squares > 0 ? sum * sum / (Double(values.count) * squares) : 1
}

let seeds: Range<UInt64> = 0..<2000
