import Glibc

/// Vigna's SplitMix64: small, fast, and the same everywhere for the same seed.
struct SplitMix64: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// Uniform in 0 ..< 1.
  mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// Log-normal with mean 1.
  mutating func logNormal(sigma: Double) -> Double {
    guard sigma > 0 else { return 1 }
    let normal = (-2 * log(1 - unit())).squareRoot() * cos(2 * .pi * unit())
    return exp(sigma * normal - sigma * sigma / 2)
  }
}
