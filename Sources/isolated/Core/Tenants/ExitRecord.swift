import CTenantPlan
import Glibc

/// What PID 1 of a tenant leaves when the payload has ended; see `struct tenant_exit_record`.
struct ExitRecord: Sendable, Hashable {
  /// The exit status, if the payload exited.
  var status: Int?
  /// The signal that ended it, if one did.
  var signal: Int?

  /// The record's size.
  static let byteCount = MemoryLayout<tenant_exit_record>.size

  /// Reads the record; nil for what isn't one, such as the zeros that a PID 1 leaves that was killed.
  init?(_ bytes: [UInt8]) {
    guard bytes.count >= Self.byteCount else { return nil }
    let record = bytes.withUnsafeBytes { $0.loadUnaligned(as: tenant_exit_record.self) }
    guard record.magic == UInt32(TENANT_EXIT_MAGIC), record.version == 1 else { return nil }
    switch Int(record.code) {
    case CLD_EXITED: status = Int(record.status)
    case CLD_KILLED, CLD_DUMPED: signal = Int(record.status)
    default: return nil
    }
  }
}
