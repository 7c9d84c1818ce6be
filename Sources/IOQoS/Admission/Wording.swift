/// Numbers as messages name them.
public enum Wording {
  /// Three significant digits or all that stand before the point: `0.25`, `8.31`, `1250`.
  public static func number(_ value: Double) -> String {
    guard value > 0 else { return "0" }
    guard value < most else { return "more than 10^15" }
    var step = 1.0
    while value / step >= 1000 { step *= 10 }
    while value / step < 100, step > 1e-3 { step /= 10 }
    guard step < 1 else { return String(value.rounded().wholeSigned) }
    let scale = (1 / step).rounded().wholeSigned
    let whole = (value * Double(scale)).rounded().wholeSigned
    let digits = String(whole % scale)
    let width = String(scale).count - 1
    var fraction = String(repeating: "0", count: max(0, width - digits.count)) + digits
    while fraction.last == "0" { fraction.removeLast() }
    return fraction.isEmpty ? String(whole / scale) : "\(whole / scale).\(fraction)"
  }

  /// A time from nanoseconds, in the unit that policies would use.
  public static func time(_ nanoseconds: Int64) -> String {
    let value = Double(nanoseconds)
    switch nanoseconds {
    case 1_000_000_000...: return number(value / 1e9) + "s"
    case 1_000_000...: return number(value / 1e6) + "ms"
    default: return number(value / 1e3) + "us"
    }
  }

  /// The same in as many digits, and no less: what a policy can be told to ask for.
  public static func timeOrMore(_ nanoseconds: Int64) -> String {
    let value = Double(nanoseconds)
    let unit = value >= 1e9 ? 1e9 : value >= 1e6 ? 1e6 : 1e3
    let digit = value >= 100 * unit ? 1 : value >= 10 * unit ? 0.1 : 0.01
    return time(((value / (digit * unit)).rounded(.up) * digit * unit).rounded().wholeSigned)
  }

  /// Device time each second.
  public static func deviceTime(_ nanoseconds: Double) -> String {
    "\(number(nanoseconds / 1e6)) ms of disk time a second"
  }

  /// `p99 of 5ms for reads`.
  public static func target(_ target: LatencyTarget) -> String {
    let operations =
      switch target.operation {
      case .read: "reads"
      case .write: "writes"
      case .syncWrite: "synchronous writes"
      }
    return "p\(number(target.percentile * 100)) of \(time(target.latency)) for \(operations)"
  }

  /// `120 read iops and 8 MiB/s`, empty where all is below one.
  public static func rates(_ rates: PromisedRates) -> String {
    var words: [String] = []
    for (rate, name) in [(rates.read, "read "), (rates.write, "write "), (rates.together, "")] {
      if let operations = rate.operations, operations >= 1 {
        words.append("\(number(operations.rounded(.down))) \(name)iops")
      }
      if let bytes = rate.bytes, bytes >= 1 {
        func floored(_ value: Double) -> String { number((value * 100).rounded(.down) / 100) }
        let size = bytes >= 1_048_576 ? "\(floored(bytes / 1_048_576)) MiB/s" : "\(floored(bytes / 1024)) KiB/s"
        words.append(name.isEmpty ? size : "\(size) \(name.dropLast())")
      }
    }
    return words.joined(separator: " and ")
  }

  private static let most = 1e15
}
