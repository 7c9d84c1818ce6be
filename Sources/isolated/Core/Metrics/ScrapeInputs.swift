/// Where a scrape gets what it tells: from the supervisor, the IO loop's last report, and the daemon's own counters.
package struct ScrapeInputs: Sendable {
  var supervisor: @Sendable () async -> SupervisorSnapshot
  var io: @Sendable () -> IOControlLoop.Report
  /// What was sold of each disk, by its name.
  var sold: @Sendable () -> [String: Double] = { [:] }
  /// What weakens the promises of the disk of a number, in sentences.
  var warnings: @Sendable (String) -> [String] = { _ in [] }
  var daemon: @Sendable () -> DaemonMeasures.Values = { .init() }
  /// Where disks are listed by their numbers.
  var devices = "/sys/dev/block"

  /// Tenants, and what an IO loop reports of them.
  package init(
    supervisor: @escaping @Sendable () async -> SupervisorSnapshot,
    io: @escaping @Sendable () -> IOControlLoop.Report = { .init() }
  ) {
    self.supervisor = supervisor
    self.io = io
  }

  /// All that a daemon has.
  init(_ supervisor: Supervisor) {
    let parts = supervisor.parts
    self.supervisor = { await supervisor.snapshot() }
    io = { parts.io.report() }
    sold = { parts.ioAdmission.sold() }
    warnings = { parts.ioAdmission.warnings(of: $0) }
    daemon = { parts.measures.snapshot }
  }
}
