import ControlProtocol

/// What `isoctl inspect` says of a tenant's restarts and health, and of whom it comes after.
enum LifeFacts {
  /// Rows of a name and a value.
  static func rows(_ tenant: Inspection) -> [[String]] {
    var rows: [[String]] = []
    if let restart = tenant.restart {
      rows.append(["Restarts", count(restart)])
      if let exit = restart.lastExit { rows.append(["Last end", Figures.exit(exit)]) }
      if let failure = restart.failure { rows.append(["Last start", failure]) }
    }
    if let health = tenant.health {
      let failures = health.failures > 0 ? ", \(health.failures) failed in a row" : ""
      rows.append(["Health", "\(health.status) (\(health.check)\(failures))"])
      if let reason = health.reason { rows.append(["Last check", reason]) }
    }
    if let after = tenant.after { rows.append(["After", after.joined(separator: ", ")]) }
    return rows
  }

  private static func count(_ restart: RestartStatus) -> String {
    var text = "on \(restart.condition): \(restart.total) so far"
    let limit = restart.limit.map { " of at most \($0)" } ?? ""
    if restart.inARow > 0 || restart.limit != nil { text += ", \(restart.inARow)\(limit) in a row" }
    if restart.hasGivenUp { text += ", and no more" }
    if let next = restart.nextStartUsec { text += "; the next at \(LocalTime.text(microseconds: next))" }
    return text
  }
}
