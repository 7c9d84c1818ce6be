/// A sample's number, in the form in which it is known, so that nothing is rounded on the way.
enum MetricValue: Sendable, Hashable {
  case whole(UInt64)
  /// Written as seconds.
  case microseconds(UInt64)
  /// Written as seconds.
  case nanoseconds(UInt64)
  case real(Double)

  /// Appends the number as both formats write it.
  func write(to bytes: inout [UInt8]) {
    switch self {
    case .whole(let value): Self.write(value, to: &bytes)
    case .microseconds(let value): Self.write(value, places: 6, to: &bytes)
    case .nanoseconds(let value): Self.write(value, places: 9, to: &bytes)
    case .real(let value): Self.write(value, to: &bytes)
    }
  }

  private static func write(_ value: UInt64, to bytes: inout [UInt8]) {
    // 2^64 has 20 digits.
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
      var start = digits.count
      var rest = value
      repeat {
        start -= 1
        digits[start] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
        rest /= 10
      } while rest > 0
      bytes.append(contentsOf: UnsafeMutableBufferPointer(rebasing: digits[start...]))
    }
  }

  /// A decimal fraction without the zeros at its end.
  private static func write(_ value: UInt64, places: Int, to bytes: inout [UInt8]) {
    let scale: UInt64 = places == 6 ? 1_000_000 : 1_000_000_000
    let (whole, part) = value.quotientAndRemainder(dividingBy: scale)
    write(whole, to: &bytes)
    guard part > 0 else { return }
    bytes.append(UInt8(ascii: "."))
    var (rest, step) = (part, scale / 10)
    while rest > 0 {
      bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest / step))
      rest %= step
      step /= 10
    }
  }

  private static func write(_ value: Double, to bytes: inout [UInt8]) {
    if value.isNaN {
      bytes += "NaN".utf8
    } else if value.isInfinite {
      bytes += (value < 0 ? "-Inf" : "+Inf").utf8
    } else {
      bytes += value.description.utf8
    }
  }
}
