import Glibc

/// Where a latency lies between the bounds of a drawing: logarithmic, from 0 to 1.
struct CurveScale {
  /// The bounds as powers of ten of nanoseconds.
  let low: Int
  let high: Int

  /// Takes the decades that hold all of a curve's latencies.
  init(_ curve: LoadLatencyCurve) {
    let all = curve.points.flatMap { [$0.p50, $0.p99, $0.p999 ?? $0.p99] }.filter { $0 >= 1 && $0.isFinite }
    let low = Int(log10(all.min() ?? 1e3).rounded(.down))
    self.low = low
    high = max(low + 1, Int(log10(all.max() ?? 1e6).rounded(.up)))
  }

  func position(_ nanoseconds: Double) -> Double {
    guard nanoseconds.isFinite, nanoseconds >= 1 else { return 0 }
    return min(max((log10(nanoseconds) - Double(low)) / Double(high - low), 0), 1)
  }

  /// The bounds of the decades, with their names.
  var ticks: [(position: Double, name: String)] {
    (low...high).map { power in
      (Double(power - low) / Double(high - low), FigureText.time(pow(10, Double(power))))
    }
  }
}
