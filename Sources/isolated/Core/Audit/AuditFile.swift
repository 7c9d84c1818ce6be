import ControlProtocol
import Dispatch
import Faults
import Glibc
import Kernel

/// Where records go on a host without a journal: a file of JSON lines, written by a thread of its own.
///
/// It is opened for each batch, so whoever rotates it needn't tell; beyond its size it is renamed to `.1` here.
final class AuditFile: Sendable {
  private let path: String
  private let mostBytes: Int
  private let waiting = Guarded<[AuditRecord]>([])
  private let wakeups = DispatchSemaphore(value: 0)
  private let isStarted = Guarded(false)
  /// Held from taking a batch until it is written, so that no later one overtakes it; counts the batches.
  private let batches = Guarded(0)
  /// Gets what keeps records from being written.
  private let report: @Sendable (Fault, _ lost: Int) -> Void

  /// How many records may wait to be written.
  static let mostWaiting = 4096

  init(path: String, mostBytes: Int, report: @escaping @Sendable (Fault, _ lost: Int) -> Void) {
    self.path = path
    self.mostBytes = mostBytes
    self.report = report
  }

  /// Takes a record; false if it is lost, since too many wait.
  func append(_ record: AuditRecord) -> Bool {
    let isTaken = waiting.withLock { waiting in
      guard waiting.count < Self.mostWaiting else { return false }
      waiting.append(record)
      return true
    }
    guard isTaken, start() else { return false }
    wakeups.signal()
    return true
  }

  /// Starts the thread with the first record: hosts with a journal need none.
  private func start() -> Bool {
    isStarted.withLock { isStarted in
      if isStarted { return true }
      do throws(Fault) {
        try DedicatedThread.start(name: "audit") { [self] in work() }
        isStarted = true
      } catch {
        waiting.withLock { $0.removeAll() }
        report(error, 1)
      }
      return isStarted
    }
  }

  private func work() -> Never {
    while true {
      wakeups.wait()
      writeWaiting()
    }
  }

  /// Writes what waits. The thread does; a daemon that ends does it once more itself.
  func writeWaiting() {
    batches.withLock { count in
      let batch = waiting.withLock { waiting in
        defer { waiting.removeAll(keepingCapacity: true) }
        return waiting
      }
      guard !batch.isEmpty else { return }
      count &+= 1
      do throws(Fault) {
        try write(batch)
      } catch {
        report(error, batch.count)
      }
    }
  }

  private func write(_ batch: [AuditRecord]) throws(Fault) {
    var bytes: [UInt8] = []
    for record in batch { bytes += try Self.line(record, at: WallClock.microseconds()) }
    let path = path
    // The directory may be there or not; what is wrong with it, the open says.
    mkdir(String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]), 0o755)
    let file = OwnedDescriptor(
      owning: try systemCall("open", path: path, message: "cannot open the audit trail") {
        open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
      })
    let number = file.rawValue
    var written = 0
    while written < bytes.count {
      written += try systemCall("write", path: path, message: "cannot write the audit trail") {
        bytes.withUnsafeBytes { Glibc.write(number, $0.baseAddress.map { $0 + written }, $0.count - written) }
      }
    }
    var status = stat()
    if fstat(number, &status) == 0, status.st_size > mostBytes {
      try systemCall("rename", path: path, message: "cannot rotate the audit trail") { rename(path, path + ".1") }
    }
  }

  /// One JSON object with the journal's names, and TIMESTAMP in microseconds since 1970.
  static func line(_ record: AuditRecord, at microseconds: Int) throws(Fault) -> [UInt8] {
    var members = ["TIMESTAMP": "\(microseconds)"]
    for (name, value) in record.fields { members[name] = value }
    return try WireFormat.encode(members) + [UInt8(ascii: "\n")]
  }
}
