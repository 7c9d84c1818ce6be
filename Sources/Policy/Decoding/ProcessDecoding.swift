import Faults

extension DocumentDecoder {
  /// `user`, `group` and `groups`.
  func identityPolicy(_ top: StrictMapping) -> IdentityPolicy {
    let user = top["user"].flatMap { principal($0, highest: 65535) }
    let group = top["group"].flatMap { principal($0, highest: 65535) }
    return IdentityPolicy(
      user: user ?? Positioned(.id(65534)), group: group ?? (user == nil ? Positioned(.id(65534)) : nil),
      supplementaryGroups: list("groups", in: top).compactMap { principal($0, highest: 65535) })
  }

  /// `environment`.
  func environmentVariables(_ top: StrictMapping) -> [String: Positioned<String>] {
    var variables: [String: Positioned<String>] = [:]
    for entry in top["environment"].flatMap({ freeMapping($0) }) ?? [] {
      let bytes = entry.key.utf8
      guard let first = bytes.first, !first.isDigit, bytes.allSatisfy({ $0.isLetterOrDigit || $0 == 95 })
      else {
        report(
          .invalidValue, "\"\(entry.key.shortened)\" can't name an environment variable", at: entry.position,
          mend: "a name holds letters, digits and underscores, and doesn't start with a digit")
        continue
      }
      if let value = string(entry.value) { variables[entry.key] = value }
    }
    return variables
  }

  /// `rlimits`.
  func resourceLimits(_ top: StrictMapping) -> [ResourceLimit] {
    guard let limits = mapping("rlimits", in: top) else { return [] }
    return Resource.allCases.compactMap { resource in
      guard let node = limits[resource.rawValue] else { return nil }
      let name = Positioned(resource, at: limits.position(of: resource.rawValue))
      guard case .mapping = node.content else {
        return resourceValue(node, of: resource).map { ResourceLimit(resource: name, soft: $0, hard: $0) }
      }
      guard let pair = mapping(node, path: limits.path(of: resource.rawValue)) else { return nil }
      let soft = required("soft", in: pair).flatMap { resourceValue($0, of: resource) }
      let hard = required("hard", in: pair).flatMap { resourceValue($0, of: resource) }
      guard let soft, let hard else { return nil }
      if !isAtMost(soft, hard) {
        report(
          .conflict, "the soft limit is above the hard limit", at: pair["soft"]?.position,
          mend: "raise \"hard\"")
      }
      return ResourceLimit(resource: name, soft: soft, hard: hard)
    }.sorted { place(of: $0) < place(of: $1) }
  }

  private func place(of limit: ResourceLimit) -> (Int, Int) {
    (limit.resource.position?.line ?? 0, limit.resource.position?.column ?? 0)
  }

  private func isAtMost(_ soft: Limit<UInt64>, _ hard: Limit<UInt64>) -> Bool {
    switch (soft, hard) {
    case (_, .unlimited): true
    case (.unlimited, .atMost): false
    case (.atMost(let low), .atMost(let high)): low <= high
    }
  }

  /// A limit in the resource's own unit: sizes and times carry theirs, counts have none.
  private func resourceValue(_ node: DocumentNode, of resource: Resource) -> Limit<UInt64>? {
    if case .scalar("unlimited", _) = node.content { return .unlimited }
    // The highest number means no limit to the kernel (RLIM_INFINITY).
    let highest = UInt64.max - 1
    let value: UInt64?
    switch resource {
    case .as, .core, .data, .fsize, .memlock, .msgqueue, .rss, .stack:
      value = quantity(node, as: ByteSize.self)?.value.bytes
    case .cpu:
      guard let time = quantity(node, as: TimeSpan.self)?.value else { return nil }
      guard time.microseconds.isMultiple(of: 1_000_000) else {
        report(.invalidValue, "the limit \"cpu\" counts whole seconds", at: node.position)
        return nil
      }
      value = time.microseconds / 1_000_000
    case .rttime: value = quantity(node, as: TimeSpan.self)?.value.microseconds
    case .nice: value = integer(node, in: 0...40)?.value
    case .rtprio: value = integer(node, in: 0...99)?.value
    // sysctl_nr_open can't be set above this (fs/file.c).
    case .nofile: value = integer(node, in: 0...2_147_483_584)?.value
    case .locks, .nproc, .sigpending: value = integer(node, in: 0...highest)?.value
    }
    guard let value else { return nil }
    guard value <= highest else {
      report(.outOfRange, "the limit is too large", at: node.position, mend: "write unlimited")
      return nil
    }
    return .atMost(value)
  }
}
