import Faults

extension DocumentDecoder {
  /// `namespaces`.
  func namespacePolicy(_ top: StrictMapping) -> NamespacePolicy {
    var namespaces = NamespacePolicy(userNamespaces: Positioned(0), time: nil)
    guard let mapping = mapping("namespaces", in: top) else { return namespaces }
    // The kernel keeps the count in a signed 32-bit sysctl (user.max_user_namespaces).
    if let count = integer("user_namespaces", in: mapping, range: 0...2_147_483_647) {
      namespaces.userNamespaces = count
    }
    if let time = self.mapping("time", in: mapping) {
      let offsets = NamespacePolicy.TimeOffsets(
        monotonicMicroseconds: time["monotonic"].flatMap { timeOffset($0) } ?? 0,
        boottimeMicroseconds: time["boottime"].flatMap { timeOffset($0) } ?? 0)
      namespaces.time = Positioned(offsets, at: time.position)
    }
    return namespaces
  }

  /// A time that may be negative. The kernel takes up to about 146 years (KTIME_SEC_MAX / 2).
  private func timeOffset(_ node: DocumentNode) -> Int64? {
    guard let text = quantityText(node, expectation: "an offset such as 1h or -1h") else { return nil }
    let negative = text.hasPrefix("-")
    do {
      let span = try TimeSpan(parsing: negative ? String(text.dropFirst()) : text)
      guard let magnitude = Int64(exactly: span.microseconds), magnitude <= 876_000 * 3_600_000_000 else {
        report(.outOfRange, "the offset is more than 100 years", at: node.position)
        return nil
      }
      return negative ? -magnitude : magnitude
    } catch {
      report(.invalidValue, error.message, at: node.position, mend: error.mend)
      return nil
    }
  }

  /// `sysctls`.
  func sysctlSettings(_ top: StrictMapping) -> [SysctlSetting] {
    (top["sysctls"].flatMap { freeMapping($0) } ?? []).compactMap { entry in
      guard isNamespacedSysctl(entry.key) else {
        report(
          .invalidValue, "the sysctl \"\(entry.key.shortened)\" doesn't belong to a tenant's namespaces",
          at: entry.position,
          mend: "a policy can set net.*, kernel.msg*, kernel.sem*, kernel.shm* and fs.mqueue.*, with dots")
        return nil
      }
      let value: Positioned<String>?
      if case .scalar(let text, plain: true) = entry.value.content, PlainScalar(text) == .integer {
        value = Positioned(text, at: entry.value.position)
      } else {
        value = string(entry.value)
      }
      guard let value else { return nil }
      guard (1...255).contains(value.value.utf8.count), value.value.utf8.allSatisfy({ $0 >= 32 && $0 < 127 })
      else {
        report(
          .invalidValue, "a sysctl's value is one line of at most 255 ASCII characters",
          at: entry.value.position)
        return nil
      }
      return SysctlSetting(name: Positioned(entry.key, at: entry.position), value: value)
    }
  }

  /// Whether a tenant's own IPC or network namespace owns the parameter (namespaces(7), and the invariant
  /// that CVE-2022-0811 teaches: nothing but a strict form of a listed name passes).
  private func isNamespacedSysctl(_ name: String) -> Bool {
    let components = name.split(separator: ".", omittingEmptySubsequences: false)
    let isWellFormed =
      name.utf8.count <= 255
      && components.allSatisfy { component in
        !component.isEmpty && component.utf8.allSatisfy { $0.isLetterOrDigit || $0 == 95 || $0 == 45 }
      }
    guard isWellFormed, let last = components.last else { return false }
    switch (components.first, components.count) {
    case ("net", 3...): return true
    case ("fs", 3): return components[1] == "mqueue"
    case ("kernel", 2):
      return [
        "msgmax", "msgmnb", "msgmni", "msg_next_id", "sem", "sem_next_id", "shmall", "shmmax", "shmmni",
        "shm_next_id", "shm_rmid_forced",
      ].contains(last)
    default: return false
    }
  }
}
