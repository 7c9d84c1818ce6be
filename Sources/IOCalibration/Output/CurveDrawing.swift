/// A load-latency curve as an SVG image.
public enum CurveDrawing {
  private static let width = 760.0
  private static let left = 76.0
  private static let top = 64.0
  private static let plotHeight = 300.0
  private static let plotWidth = 652.0

  /// The image of a calibration's curves, one beneath the other.
  public static func svg(_ calibration: Calibration) -> String {
    let each = top + plotHeight + 72
    let height = each * Double(max(calibration.curves.count, 1))
    var text = """
      <svg xmlns="http://www.w3.org/2000/svg" width="\(number(width))" height="\(number(height))" \
      viewBox="0 0 \(number(width)) \(number(height))" font-family="system-ui, sans-serif" font-size="12">
      <rect width="100%" height="100%" fill="#ffffff"/>

      """
    for (index, curve) in calibration.curves.enumerated() {
      text += "<g transform=\"translate(0 \(number(Double(index) * each)))\">\n"
      text += plot(curve, title(calibration, curve), subtitle(curve))
      text += "</g>\n"
    }
    return text + "</svg>\n"
  }

  private static func title(_ calibration: Calibration, _ curve: LoadLatencyCurve) -> String {
    let model = calibration.disk.model.map { " (\($0))" } ?? ""
    return "\(calibration.disk.name)\(model): latency of 4 KiB \(curve.isWrite ? "writes" : "reads") at rising load"
  }

  private static func subtitle(_ curve: LoadLatencyCurve) -> String {
    "random places, Poisson arrivals, timed from the intended start; 100 % is"
      + " \(FigureText.digits(curve.capacity)) IOs in a second"
  }

  private static func plot(_ curve: LoadLatencyCurve, _ title: String, _ subtitle: String) -> String {
    let scale = CurveScale(curve)
    func x(_ utilisation: Double) -> Double { left + plotWidth * min(max(utilisation, 0), 1) }
    func y(_ latency: Double) -> Double { top + plotHeight * (1 - scale.position(latency)) }
    var text =
      "<text x=\"\(number(left))\" y=\"26\" font-size=\"16\" font-weight=\"600\" fill=\"#1b1f24\">"
      + "\(escaped(title))</text>\n"
      + "<text x=\"\(number(left))\" y=\"46\" fill=\"#57606a\">\(escaped(subtitle))</text>\n"
    for tick in scale.ticks {
      let level = top + plotHeight * (1 - tick.position)
      text += line(left, level, left + plotWidth, level, "#d8dee4")
      text += label(left - 8, level + 4, "end", tick.name)
    }
    for percent in stride(from: 0, through: 100, by: 20) {
      let place = x(Double(percent) / 100)
      text += line(place, top, place, top + plotHeight, "#eaeef2")
      text += label(place, top + plotHeight + 18, "middle", "\(percent) %")
    }
    text += line(left, top + plotHeight, left + plotWidth, top + plotHeight, "#57606a")
    text += label(left + plotWidth / 2, top + plotHeight + 40, "middle", "load, of the rate with a full queue")
    text +=
      "<text transform=\"translate(18 \(number(top + plotHeight / 2))) rotate(-90)\" text-anchor=\"middle\""
      + " fill=\"#57606a\">latency</text>\n"
    let series: [(String, String, [(Double, Double)])] = [
      ("p50", "#1a7f37", curve.points.map { ($0.utilisation, $0.p50) }),
      ("p99", "#0969da", curve.points.map { ($0.utilisation, $0.p99) }),
      ("p999", "#cf222e", curve.points.compactMap { point in point.p999.map { (point.utilisation, $0) } }),
    ]
    for (index, (name, colour, points)) in series.enumerated() where !points.isEmpty {
      let path = points.map { "\(number(x($0.0))),\(number(y($0.1)))" }.joined(separator: " ")
      text += "<polyline points=\"\(path)\" fill=\"none\" stroke=\"\(colour)\" stroke-width=\"2\"/>\n"
      for point in points {
        text += "<circle cx=\"\(number(x(point.0)))\" cy=\"\(number(y(point.1)))\" r=\"3\" fill=\"\(colour)\"/>\n"
      }
      let place = left + 12 + Double(index) * 62
      text += "<rect x=\"\(number(place))\" y=\"\(number(top + 10))\" width=\"14\" height=\"3\" fill=\"\(colour)\"/>\n"
      text += label(place + 20, top + 16, "start", name)
    }
    return text
  }

  private static func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ colour: String) -> String {
    "<line x1=\"\(number(x1))\" y1=\"\(number(y1))\" x2=\"\(number(x2))\" y2=\"\(number(y2))\" stroke=\"\(colour)\"/>\n"
  }

  private static func label(_ x: Double, _ y: Double, _ anchor: String, _ text: String) -> String {
    "<text x=\"\(number(x))\" y=\"\(number(y))\" text-anchor=\"\(anchor)\" fill=\"#57606a\">\(escaped(text))</text>\n"
  }

  private static func number(_ value: Double) -> String { FigureText.fixed(value, 1) }

  /// Text for XML 1.0, which has no way at all to say most control characters.
  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "\u{9}", "\u{a}", "\u{d}": result += " "
      case _ where scalar.value < 0x20 || scalar.value == 0xfffe || scalar.value == 0xffff: result += "\u{fffd}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
