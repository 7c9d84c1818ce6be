/// Random numbers that a seed determines: SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
struct SplitMix: Sendable {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }

  /// A whole number from 0 to below `limit`; 0 for a limit that is not positive.
  mutating func below(_ limit: Int) -> Int {
    guard limit > 0 else { return 0 }
    return Int(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(limit)).high)
  }

  /// A number above 0, up to 1.
  mutating func unit() -> Double { Double((next() >> 11) + 1) / 9_007_199_254_740_992 }
}
