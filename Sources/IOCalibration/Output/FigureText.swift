/// Figures as people read them, with three significant digits or so.
public enum FigureText {
  /// `850 ns`, `110 us`, `1.25 ms`, `2.3 s`, of nanoseconds.
  public static func time(_ nanoseconds: Double) -> String {
    switch nanoseconds {
    case ..<1e3: digits(nanoseconds) + " ns"
    case ..<1e6: digits(nanoseconds / 1e3) + " us"
    case ..<1e9: digits(nanoseconds / 1e6) + " ms"
    default: digits(nanoseconds / 1e9) + " s"
    }
  }

  /// `4 KiB`, `512 KiB`, `1.5 GiB`.
  public static func bytes(_ count: Double) -> String {
    var value = count
    var unit = 0
    let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"]
    while value >= 1023.5, unit < units.count - 1 {
      value /= 1024
      unit += 1
    }
    return digits(value) + " " + units[unit]
  }

  /// `800`, `12500`, `1.25`.
  public static func digits(_ value: Double) -> String {
    guard value.isFinite else { return "?" }
    let magnitude = abs(value)
    let decimals = magnitude >= 99.95 ? 0 : magnitude >= 9.995 ? 1 : 2
    return fixed(value, decimals)
  }

  /// With so many decimals, at most six; trailing zeros are left out.
  public static func fixed(_ value: Double, _ decimals: Int) -> String {
    guard value.isFinite, abs(value) < 1e15 else { return "?" }
    var scale = 1
    for _ in 0..<min(max(decimals, 0), 6) { scale *= 10 }
    let whole = (value * Double(scale)).rounded()
    guard abs(whole) < 1e18 else { return "\(Int(value))" }
    let number = Int(whole)
    let sign = number < 0 ? "-" : ""
    let integer = number.magnitude / UInt(scale)
    let rest = number.magnitude % UInt(scale)
    guard rest > 0 else { return sign + "\(integer)" }
    var fraction = "\(rest)"
    fraction = String(repeating: "0", count: max(0, "\(scale)".count - 1 - fraction.count)) + fraction
    while fraction.last == "0" { fraction.removeLast() }
    return sign + "\(integer).\(fraction)"
  }

  /// `+5.3 %` of 0.053.
  public static func percent(_ share: Double) -> String {
    (share > 0 ? "+" : "") + fixed(share * 100, 1) + " %"
  }
}
