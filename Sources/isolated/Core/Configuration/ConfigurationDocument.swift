import Faults
import Policy

/// The text form of a ``DaemonConfiguration``: one strict YAML document, possibly empty.
public enum ConfigurationDocument {
  /// The first word of every fault's code.
  public static let domain = "configuration"

  /// The keys that the file may hold.
  public static let keys = KeyTable([
    "": [
      "socket", "group", "policies", "tenants", "state", "persistent_state", "cgroup", "tenant_init", "ids",
      "admission", "logs", "seccomp_cache", "metrics",
    ],
    "cgroup": ["parent"],
    "ids": ["first", "count"],
    "admission": ["memory", "tenants"],
    "admission.memory": ["overcommit", "reserve"],
    "logs": ["directory", "rate", "burst", "file_size"],
    "metrics": ["listen", "tls", "token_file"],
    "metrics.tls": ["certificate", "key"],
  ])

  /// Parses a configuration.
  ///
  /// - Parameters:
  ///   - bytes: the whole file.
  ///   - file: its name for positions; it is not opened.
  /// - Returns: the configuration with defaults filled in.
  /// - Throws: every fault that was found, each with its position.
  public static func parse(
    bytes: some Collection<UInt8>, file: String
  ) throws(PolicyErrors) -> DaemonConfiguration {
    let decoder = try DocumentDecoder(bytes, file: file, domain: domain, table: keys, emptyAllowed: true)
    let configuration = decoder.daemonConfiguration()
    try decoder.finish()
    return configuration
  }

  /// Parses a configuration from text.
  public static func parse(text: String, file: String) throws(PolicyErrors) -> DaemonConfiguration {
    try parse(bytes: text.utf8, file: file)
  }
}

extension DocumentDecoder {
  fileprivate func daemonConfiguration() -> DaemonConfiguration {
    var configuration = DaemonConfiguration()
    replace(&configuration.socket, with: root["socket"].flatMap { socketPath($0) })
    // The highest number stands for "no group" to the kernel.
    replace(
      &configuration.group, with: root["group"].flatMap { principal($0, highest: UInt64(UInt32.max) - 1) })
    if root["policies"] != nil {
      configuration.policyDirectories = list("policies", in: root).compactMap { absolutePath($0) }
    }
    replace(&configuration.tenantsDirectory, with: root["tenants"].flatMap { absolutePath($0) })
    replace(&configuration.stateDirectory, with: root["state"].flatMap { absolutePath($0) })
    replace(
      &configuration.persistentStateDirectory, with: root["persistent_state"].flatMap { absolutePath($0) })
    replace(&configuration.tenantInit, with: root["tenant_init"].flatMap { absolutePath($0) })
    replace(&configuration.seccompCacheDirectory, with: root["seccomp_cache"].flatMap { absolutePath($0) })
    if let cgroup = mapping("cgroup", in: root) {
      replace(&configuration.groupParent, with: cgroup["parent"].flatMap { groupParent($0) })
    }
    readIdentities(&configuration.identityRanges)
    readAdmission(&configuration.admission)
    readLogs(&configuration.logs)
    if let node = root["metrics"] { configuration.metrics = metrics(node) }
    return configuration
  }

  private func replace<Value>(_ value: inout Value, with other: Value?) {
    if let other { value = other }
  }

  /// A path that fits `sun_path` of unix(7) with its terminating NUL.
  private func socketPath(_ node: DocumentNode) -> Positioned<String>? {
    guard let path = absolutePath(node) else { return nil }
    guard path.value.utf8.count <= 107 else {
      report(.outOfRange, "the socket's path is longer than 107 bytes", at: node.position)
      return nil
    }
    return path
  }

  private func groupParent(_ node: DocumentNode) -> Positioned<DaemonConfiguration.GroupParent>? {
    guard let text = string(node) else { return nil }
    switch text.value {
    case "auto": return Positioned(.automatic, at: node.position)
    case "systemd": return Positioned(.systemd, at: node.position)
    default:
      guard text.value.hasPrefix("/") else {
        report(
          .invalidValue, "the parent of the tenants' groups is not understood", at: node.position,
          mend: "it can be auto, systemd, or the absolute path of a directory in the cgroup2 mount")
        return nil
      }
      return absolutePath(node)?.map { .directory($0) }
    }
  }

  private func readIdentities(_ ranges: inout DaemonConfiguration.IdentityRanges) {
    guard let ids = mapping("ids", in: root) else { return }
    // The lowest 65536 ids are the host's own accounts, and the highest block holds the kernel's "no id".
    let last = UInt64(UInt32.max) - 65_535
    replace(
      &ranges.first, with: integer("first", in: ids, range: 65_536...last)?.map { UInt32(clamping: $0) })
    replace(
      &ranges.count, with: integer("count", in: ids, range: 65_536...last)?.map { UInt32(clamping: $0) })
    for value in [ranges.first, ranges.count] where !value.value.isMultiple(of: 65_536) {
      report(
        .invalidValue, "\(value) is not a multiple of 65536, which is what each tenant gets",
        at: value.position,
        mend: "use \(value.value / 65_536 * 65_536)")
    }
    guard UInt64(ranges.first.value) + UInt64(ranges.count.value) > last else { return }
    report(
      .conflict, "\(ranges.count) ids from \(ranges.first) reach beyond \(last - 1)",
      at: ranges.count.position ?? ranges.first.position, mend: "lower \"first\" or \"count\"")
  }

  private func readAdmission(_ admission: inout DaemonConfiguration.Admission) {
    guard let given = mapping("admission", in: root) else { return }
    replace(&admission.tenants, with: integer("tenants", in: given, range: 1...1_000_000))
    guard let memory = mapping("memory", in: given) else { return }
    replace(&admission.memoryOvercommit, with: boolean("overcommit", in: memory))
    replace(&admission.memoryReserve, with: quantity("reserve", in: memory, as: ByteSize.self))
  }

  private func readLogs(_ logs: inout DaemonConfiguration.Logs) {
    guard let given = mapping("logs", in: root) else { return }
    replace(&logs.directory, with: given["directory"].flatMap { absolutePath($0) })
    replace(&logs.rate, with: quantity("rate", in: given, as: ByteRate.self))
    replace(&logs.burst, with: quantity("burst", in: given, as: ByteSize.self))
    replace(&logs.fileSize, with: quantity("file_size", in: given, as: ByteSize.self))
    checkLogs(rate: logs.rate, burst: logs.burst, fileSize: logs.fileSize)
  }
}
