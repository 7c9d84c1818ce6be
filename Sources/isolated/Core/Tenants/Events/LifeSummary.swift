import Policy

extension RestartPolicy {
  /// What it says, in a few words.
  var summary: String {
    guard condition.value != .never else { return "never" }
    let wait = backoff.value
    return "on \(condition.value.rawValue), backoff \(wait.first)..\(wait.last), limit "
      + "\(limit.map { "\($0.value)" } ?? "none"), reset after \(resetAfter.value)"
  }
}

extension HealthPolicy {
  /// What it says, in a few words.
  var summary: String {
    "\(check.value.summary), start period \(startPeriod.value), interval \(interval.value), timeout \(timeout.value), "
      + "retries \(retries.value), action \(action.value.rawValue)"
  }
}

extension HealthPolicy.Check {
  /// The check in a few words.
  var summary: String {
    switch self {
    case .command(let words): "command \(words.first ?? "")"
    case .tcp(let port): "tcp \(port)"
    case .http(let page): "http \(page.port)\(page.path)"
    }
  }
}
