import Faults
import Kernel
import Policy

extension Fault.Code {
  /// A key of isolated.yaml can't change while the daemon runs.
  public static let needsRestart: Self = "configuration.needs-restart"
}

/// What a reload may change: everything else that a daemon was started with stays until it is restarted.
struct LiveSettings: Sendable, Equatable {
  /// Where policies are looked up by name.
  var policyDirectories: [String]
  /// The most tenants at one time.
  var mostTenants: Int
  /// Whether the sum of `memory.max` may exceed the machine's memory.
  var allowsOvercommit: Bool
  /// Bytes that the host keeps for itself.
  var memoryReserve: UInt64
  /// Bytes a second that a tenant may log in the long run, unless its policy says.
  var logRate: UInt64
  /// Bytes at once.
  var logBurst: UInt64
  /// Bytes in one file.
  var logFileSize: UInt64

  init(_ configuration: DaemonConfiguration) {
    policyDirectories = configuration.policyDirectories.map(\.value)
    mostTenants = Int(clamping: configuration.admission.tenants.value)
    allowsOvercommit = configuration.admission.memoryOvercommit.value
    memoryReserve = configuration.admission.memoryReserve.value.bytes
    logRate = configuration.logs.rate.value.bytesPerSecond
    logBurst = configuration.logs.burst.value.bytes
    logFileSize = configuration.logs.fileSize.value.bytes
  }
}

extension DaemonConfiguration {
  /// This configuration as far as a running daemon can take it over from `other`.
  private func takingOver(_ other: DaemonConfiguration) -> DaemonConfiguration {
    var result = self
    result.group = other.group
    result.policyDirectories = other.policyDirectories
    result.tenantsDirectory = other.tenantsDirectory
    result.admission = other.admission
    result.metrics = other.metrics
    result.logs.rate = other.logs.rate
    result.logs.burst = other.logs.burst
    result.logs.fileSize = other.logs.fileSize
    return result
  }

  /// Refuses a configuration that a daemon running under this one can't change to.
  ///
  /// - Throws: `configuration.needs-restart` for the first key, which carries the others.
  func checkReload(to other: DaemonConfiguration) throws(Fault) {
    var changed: [(key: String, position: Fault.Position?)] = []
    func compare<Value: Equatable>(_ key: String, _ path: KeyPath<DaemonConfiguration, Positioned<Value>>) {
      let (old, new) = (self[keyPath: path], other[keyPath: path])
      if old != new { changed.append((key, new.position)) }
    }
    compare("socket", \.socket)
    compare("state", \.stateDirectory)
    compare("persistent_state", \.persistentStateDirectory)
    compare("cgroup: {parent}", \.groupParent)
    compare("tenant_init", \.tenantInit)
    compare("ids: {first}", \.identityRanges.first)
    compare("ids: {count}", \.identityRanges.count)
    compare("logs: {directory}", \.logs.directory)
    compare("seccomp_cache", \.seccompCacheDirectory)
    // A key that nobody has thought of here is not skipped in silence.
    if changed.isEmpty, takingOver(other) != other { changed.append(("another key", nil)) }
    let faults = changed.map { key, position in
      Fault(
        .needsRestart, "\(key) can't change while the daemon runs", position: position,
        mend: "systemctl restart isolated, which leaves tenants running, or put the old value back")
    }
    if let fault = Fault(joining: faults) { throw fault }
  }
}
