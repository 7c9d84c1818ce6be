import CTenantPlan

/// What PID 1 of a tenant leaves when the payload has ended; see `struct tenant_exit_record`.
struct ExitRecord: Sendable, Hashable {
  /// The exit status, if the payload exited.
  var status: Int?
  /// The signal that ended it, if one did.
  var signal: Int?

  /// Reads the record; nil for what isn't one, such as the empty file of a PID 1 that was killed.
  init?(_ bytes: [UInt8]) {
    guard bytes.count >= MemoryLayout<tenant_exit_record>.size else { return nil }
    let record = bytes.withUnsafeBytes { $0.loadUnaligned(as: tenant_exit_record.self) }
    guard record.magic == UInt32(TENANT_EXIT_MAGIC), record.version == 1 else { return nil }
    switch record.code {
    case 1: status = Int(record.status)  // CLD_EXITED
    case 2, 3: signal = Int(record.status)  // CLD_KILLED, CLD_DUMPED
    default: return nil
    }
  }
}
