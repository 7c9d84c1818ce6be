/// A seeded source of random numbers (SplitMix64), so that a failure can be run again.
struct Randomness: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }

  /// Numbers of all sizes: few bits as often as many, and the edges more often than chance has them.
  mutating func number() -> UInt64 {
    switch next() % 8 {
    case 0: return 0
    case 1: return .max
    default: return next() >> (next() % 64)
    }
  }
}
