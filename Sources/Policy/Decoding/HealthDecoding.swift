import Faults

extension DocumentDecoder {
  /// `health`.
  func healthPolicy(_ top: StrictMapping) -> HealthPolicy? {
    guard let mapping = mapping("health", in: top) else { return nil }
    let check = healthCheck(mapping)
    func span(_ key: String, _ standard: UInt64, least: UInt64, most: UInt64) -> Positioned<TimeSpan> {
      guard let span = quantity(key, in: mapping, as: TimeSpan.self) else {
        return Positioned(TimeSpan(microseconds: standard))
      }
      let range = TimeSpan(microseconds: least)...TimeSpan(microseconds: most)
      if !range.contains(span.value) {
        report(
          .outOfRange, "a \(key) of \(span.value) is out of range", at: span.position,
          mend: "it can be \(range.lowerBound) to \(range.upperBound)")
      }
      return span
    }
    let hour: UInt64 = 3_600_000_000
    let startPeriod = span("start_period", 5_000_000, least: 0, most: 24 * hour)
    let interval = span("interval", 10_000_000, least: 100_000, most: 24 * hour)
    let timeout = span("timeout", 2_000_000, least: 10_000, most: hour)
    let retries = integer("retries", in: mapping, range: 1...1000) ?? Positioned(3)
    let action =
      choice("action", in: mapping, as: HealthPolicy.Action.self) ?? Positioned(HealthPolicy.Action.restart)
    guard let check else { return nil }
    return HealthPolicy(
      check: check, startPeriod: startPeriod, interval: interval, timeout: timeout,
      retries: retries, action: action)
  }

  private func healthCheck(_ mapping: StrictMapping) -> Positioned<HealthPolicy.Check>? {
    let given = ["command", "tcp", "http"].filter { mapping[$0] != nil }
    guard let key = given.first, let node = mapping[key] else {
      report(
        .missingKey, "\"health\" doesn't say what to check", at: mapping.position,
        mend: "add one of command, tcp and http")
      return nil
    }
    if given.count > 1 {
      report(
        .conflict, "\"health\" has \(given.count) checks", at: mapping.position(of: given[1]) ?? mapping.position,
        mend: "keep one of \(given.joined(separator: ", "))")
    }
    switch key {
    case "command": return commandLine(node)?.map { .command($0) }
    case "tcp": return port(node).map { Positioned(.tcp($0), at: node.position) }
    default: return page(node).map { Positioned(.http($0), at: node.position) }
    }
  }

  private func port(_ node: DocumentNode) -> UInt16? {
    integer(node, in: 1...65535).map { UInt16(clamping: $0.value) }
  }

  private func page(_ node: DocumentNode) -> HealthPolicy.HTTP? {
    guard let mapping = mapping(node, path: "health.http") else { return nil }
    let port = required("port", in: mapping).flatMap { self.port($0) }
    let path = mapping["path"].map { pagePath($0) } ?? "/"
    let status = mapping["status"].map { statuses($0) } ?? 200...399
    guard let port, let path, let status else { return nil }
    return HealthPolicy.HTTP(port: port, path: path, status: status)
  }

  /// A request's target: nothing in it may end the request's line.
  private func pagePath(_ node: DocumentNode) -> String? {
    guard let text = string(node) else { return nil }
    let bytes = text.value.utf8
    guard bytes.first == 47, bytes.count <= 1024, bytes.allSatisfy({ (33...126).contains($0) }) else {
      report(
        .invalidValue, "\"\(text.value.shortened)\" is not the path of a page", at: node.position,
        mend: "it starts with a slash and has at most 1024 printable ASCII characters, without spaces")
      return nil
    }
    return text.value
  }

  /// One status, or a range such as `200..299`.
  private func statuses(_ node: DocumentNode) -> ClosedRange<UInt16>? {
    let expectation = "a status or a range such as 200..299"
    guard let text = quantityText(node, expectation: expectation) else { return nil }
    let ends = splitRange(text)
    func status(_ text: String) -> UInt16? {
      guard text.utf8.count == 3, text.utf8.allSatisfy(\.isDigit), let number = UInt16(text) else { return nil }
      return (100...599).contains(number) ? number : nil
    }
    guard let first = status(ends.first), let last = status(ends.last), first <= last else {
      report(
        .invalidValue, "\"\(text.shortened)\" is not \(expectation)", at: node.position,
        mend: "statuses have three digits, 100 to 599")
      return nil
    }
    return first...last
  }

  /// `after`.
  func predecessors(_ top: StrictMapping) -> [Positioned<TenantName>] {
    var seen: Set<TenantName> = []
    return list("after", in: top).compactMap { node in
      guard let name = tenantName(node) else { return nil }
      guard seen.insert(name.value).inserted else {
        report(.conflict, "\(name.value) is given more than once", at: name.position, mend: "keep one of them")
        return nil
      }
      return name
    }
  }

  /// A health check that can't be run, or whose action can't follow.
  func checkHealth(_ policy: TenantPolicy) {
    // PID 1 and the tenant's own command; the check's, and who attends to it.
    if let check = policy.health?.check, case .command = check.value, case .atMost(let most) = policy.processes.value,
      most < 4
    {
      report(
        .conflict, "a tenant of \(most) processes has no room for a check's command", at: check.position,
        mend: "set pids.max to 4 at least: the tenant's own take two, and a check two more")
    }
    guard let action = policy.health?.action, action.value == .restart, let position = action.position,
      policy.restart.condition.value == .never
    else { return }
    report(
      .conflict, "an unhealthy tenant is to be restarted, and \"restart\" says never", at: position,
      mend: "set restart: {on: failure}, for example, or action: report")
  }

  /// A tenant can't come after itself.
  func checkOrder(_ policy: TenantPolicy) {
    for name in policy.after where name.value == policy.tenant.value {
      report(.conflict, "\(name.value) can't come after itself", at: name.position, mend: "remove it")
    }
  }
}
