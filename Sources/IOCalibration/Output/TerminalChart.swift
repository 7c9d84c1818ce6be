import Glibc

/// A load-latency curve drawn with characters.
public enum TerminalChart {
  /// The lines, none wider than `width`; none at all where that is too narrow, or the curve has no points.
  public static func lines(_ curve: LoadLatencyCurve, width: Int, height: Int = 12) -> [String] {
    let scale = CurveScale(curve)
    let margin = (scale.ticks.map(\.name.count).max() ?? 0) + 2
    let columns = min(width - margin, 100)
    guard columns >= 24, height >= 4, let first = curve.points.first, let last = curve.points.last else { return [] }
    let heights = (0..<columns).map { column in
      let share = Double(column) / Double(columns - 1)
      let utilisation = first.utilisation + (last.utilisation - first.utilisation) * share
      return [\LoadLatencyCurve.Point.p50, \.p99].map {
        scale.position(interpolate(curve, $0, utilisation)) * Double(height)
      }
    }
    var lines: [String] = []
    for row in (0..<height).reversed() {
      let cells = heights.map { cell(row: row, p50: $0[0], p99: $0[1]) }
      let tick = scale.ticks.first { Int(($0.position * Double(height - 1)).rounded()) == row }?.name ?? ""
      lines.append(
        String(repeating: " ", count: margin - 2 - tick.count) + tick + " │"
          + String(cells).trimmedAtEnd)
    }
    lines.append(String(repeating: " ", count: margin - 1) + "└" + String(repeating: "─", count: columns))
    let left = "\(FigureText.fixed(first.utilisation * 100, 0)) %"
    let right = "\(FigureText.fixed(last.utilisation * 100, 0)) %"
    let middle = "█ p50  ░ p99"
    let space = max(1, columns - left.count - right.count - middle.count)
    lines.append(
      String(repeating: " ", count: margin) + left + String(repeating: " ", count: space / 2) + middle
        + String(repeating: " ", count: space - space / 2) + right)
    return lines
  }

  /// A full block up to the median, in eighths, and a light one up to the p99.
  private static func cell(row: Int, p50: Double, p99: Double) -> Character {
    let base = Double(row)
    if p50 >= base + 1 { return "█" }
    if p50 > base {
      let eighths: [Character] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]
      return eighths[min(max(Int((p50 - base) * 8), 0), 7)]
    }
    return p99 > base ? "░" : " "
  }

  private static func interpolate(
    _ curve: LoadLatencyCurve, _ latency: KeyPath<LoadLatencyCurve.Point, Double>, _ utilisation: Double
  ) -> Double {
    for (low, high) in zip(curve.points, curve.points.dropFirst()) where utilisation <= high.utilisation {
      let width = high.utilisation - low.utilisation
      let share = width > 0 ? (utilisation - low.utilisation) / width : 1
      return exp(log(max(low[keyPath: latency], 1)) * (1 - share) + log(max(high[keyPath: latency], 1)) * share)
    }
    return curve.points.last?[keyPath: latency] ?? 0
  }
}

extension String {
  fileprivate init(_ characters: [Character]) {
    self.init()
    for character in characters { append(character) }
  }

  fileprivate var trimmedAtEnd: String {
    var text = self
    while text.last == " " { text.removeLast() }
    return text
  }
}
