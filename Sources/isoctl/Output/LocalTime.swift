import Glibc

/// Moments as people read them, in the time zone of this process.
enum LocalTime {
  /// `2026-11-23 05:01:23.250`, from microseconds since 1970; the number itself where no calendar has it.
  static func text(microseconds: Int) -> String {
    var (seconds, rest) = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
    if rest < 0 { (seconds, rest) = (seconds - 1, rest + 1_000_000) }
    var parts = tm()
    var time: time_t = seconds
    guard localtime_r(&time, &parts) != nil else { return "\(microseconds)" }
    func digits(_ value: Int32, _ count: Int) -> String {
      let text = String(value)
      return String(repeating: "0", count: max(0, count - text.count)) + text
    }
    let (year, overflow) = parts.tm_year.addingReportingOverflow(1900)
    guard !overflow else { return "\(microseconds)" }
    let date = "\(digits(year, 4))-\(digits(parts.tm_mon + 1, 2))-\(digits(parts.tm_mday, 2))"
    let clock = "\(digits(parts.tm_hour, 2)):\(digits(parts.tm_min, 2)):\(digits(parts.tm_sec, 2))"
    return "\(date) \(clock).\(digits(Int32(rest / 1000), 3))"
  }
}
