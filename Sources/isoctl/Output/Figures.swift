import ControlProtocol

/// Numbers as people read them.
enum Figures {
  /// Bytes with a binary unit and three digits or so: `0B`, `174MiB`, `1.5GiB`.
  static func bytes(_ count: Int) -> String {
    guard count >= 1024 else { return "\(count)B" }
    var value = Double(count)
    var unit = 0
    let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
    while value >= 1023.5, unit < units.count - 1 {
      value /= 1024
      unit += 1
    }
    return (value < 9.95 ? tenths(value) : "\(Int(value.rounded()))") + units[unit]
  }

  /// A use and its limit: `174MiB/512MiB`, or the use alone.
  static func share(_ use: String, of limit: String?) -> String { limit.map { "\(use)/\($0)" } ?? use }

  /// A length of time in its two largest units: `0s`, `250ms`, `8.3s`, `2m05s`, `3h10m`, `4d02h`.
  static func duration(microseconds: Int) -> String {
    let microseconds = max(microseconds, 0)
    let seconds = microseconds / 1_000_000
    switch seconds {
    case 0:
      return microseconds == 0 ? "0s" : microseconds < 1000 ? "\(microseconds)us" : "\(microseconds / 1000)ms"
    case 1..<60: return tenths(Double(microseconds / 100_000) / 10) + "s"
    case 60..<3600: return "\(seconds / 60)m\(twoDigits(seconds % 60))s"
    case 3600..<86_400: return "\(seconds / 3600)h\(twoDigits(seconds / 60 % 60))m"
    default: return "\(seconds / 86_400)d\(twoDigits(seconds / 3600 % 24))h"
    }
  }

  /// How something ended: `exited 3`, `signaled SIGKILL`, `oom-killed`.
  static func exit(_ exit: Exit) -> String {
    if exit.cause == .exited, let status = exit.status { return "exited \(status)" }
    if exit.cause == .signaled, let signal = exit.signal {
      return "signaled \(SignalArgument.name(of: signal))"
    }
    return exit.cause.rawValue
  }

  /// A tenant's state, or how it has ended; `now` is in microseconds since 1970.
  static func state(_ tenant: TenantSummary, now: Int) -> String {
    if let exit = tenant.exit { return self.exit(exit) }
    guard let next = tenant.nextStartUsec else {
      return tenant.health.map { "\(tenant.state) (\($0))" } ?? tenant.state
    }
    let (wait, overflow) = next.subtractingReportingOverflow(now)
    return "\(tenant.state) \(duration(microseconds: overflow ? 0 : wait))"
  }

  /// A percentage: `76%`, `0.4%`; what is huge or no number is cut.
  static func percent(_ percent: Double) -> String {
    let value = min(max(percent.isFinite ? percent : 0, 0), 1e6)
    return value > 0 && value < 0.95 ? "0.\(max(1, Int((value * 10).rounded())))%" : "\(Int(value.rounded()))%"
  }

  private static func tenths(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return "\(tenths / 10).\(tenths % 10)"
  }

  private static func twoDigits(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
}
