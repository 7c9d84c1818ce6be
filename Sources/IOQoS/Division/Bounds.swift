extension Double {
  /// The most that any rate, demand, cost or budget of this room counts for: sums and products of two stay finite.
  static let most = 1e18

  /// This value from 0 to `ceiling`: what is negative or no number counts as 0.
  func bounded(to ceiling: Double = most) -> Double { self > 0 ? Swift.min(self, ceiling) : 0 }

  /// The nearest whole number that UInt64 holds.
  var wholeUnsigned: UInt64 {
    let rounded = self.rounded()
    guard rounded > 0 else { return 0 }
    return UInt64(exactly: rounded) ?? .max
  }

  /// The nearest whole number that Int64 holds, 0 for what is no number.
  var wholeSigned: Int64 {
    let rounded = self.rounded()
    if rounded.isNaN { return 0 }
    return Int64(exactly: rounded) ?? (rounded < 0 ? .min : .max)
  }
}

extension Int64 {
  /// The least number of three significant digits that isn't below this one, so that messages name exact numbers.
  var roundedUpToThreeDigits: Int64 {
    var step: Int64 = 1
    while self / step >= 1000 { step *= 10 }
    let rest = self % step
    guard rest > 0 else { return self }
    let (sum, overflow) = (self - rest).addingReportingOverflow(step)
    return overflow ? .max : sum
  }
}
