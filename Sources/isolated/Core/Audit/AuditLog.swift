import Faults
import Kernel

/// The audit trail: every privileged action, in the journal where there is one, else in a file.
///
/// Nobody waits for it: a record that neither takes at once is lost, and counted, and the next one is preceded by the
/// count.
final class AuditLog: Sendable {
  private struct State {
    var lost = 0
    var bound = DenialBound()
  }

  private let journal: JournalSocket
  private let file: AuditFile
  private let now: @Sendable () -> Int64
  private let state = Guarded(State())

  /// - Parameters:
  ///   - journal: journald's socket.
  ///   - file: takes what journald isn't there for.
  ///   - now: nanoseconds of a clock that never goes back.
  init(
    journal: JournalSocket, file: AuditFile, now: @escaping @Sendable () -> Int64 = { MonotonicClock.nanoseconds() }
  ) {
    self.journal = journal
    self.file = file
    self.now = now
  }

  /// The trail of this host.
  ///
  /// - Parameters:
  ///   - directory: where the file is, if it must be.
  ///   - report: gets what keeps records from being written to the file.
  convenience init(directory: String, report: @escaping @Sendable (Fault, _ lost: Int) -> Void) throws(Fault) {
    self.init(
      journal: try JournalSocket(),
      file: AuditFile(path: directory + "/audit.log", mostBytes: 16 << 20, report: report))
  }

  /// Records an action.
  func record(_ record: AuditRecord) {
    let moment = now()
    // Under the lock, so that the count of what was lost goes before what comes after it.
    state.withLock { state in
      guard let suppressed = state.bound.admit(record, now: moment) else { return }
      let record = suppressed > 0 ? record.with(.suppressed, suppressed) : record
      if state.lost > 0 {
        let lost = AuditRecord(.lost).with(.lost, state.lost)
        if !write(lost) {
          state.lost += 1
          return
        }
        state.lost = 0
      }
      if !write(record) { state.lost += 1 }
    }
  }

  /// Writes what the file's thread hasn't yet, for a daemon that ends.
  func finish() { file.writeWaiting() }

  private func write(_ record: AuditRecord) -> Bool {
    switch journal.send(JournalEntry.encode(record.fields)) {
    case .sent: true
    case .full: false
    case .absent: file.append(record)
    }
  }
}
