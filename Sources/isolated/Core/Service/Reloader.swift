import ControlProtocol
import Dispatch
import Faults
import Logging

/// Reads the configuration anew and takes over what may change, all of it or nothing.
struct Reloader {
  /// The file; nil for the standard one.
  let path: String?
  /// What the daemon runs under.
  private(set) var current: DaemonConfiguration
  let supervisor: Supervisor
  let scrape: ScrapeServer
  let log: Logger

  init(path: String?, current: DaemonConfiguration, supervisor: Supervisor, scrape: ScrapeServer, log: Logger) {
    self.path = path
    self.current = current
    self.supervisor = supervisor
    self.scrape = scrape
    self.log = log
  }

  /// - Throws: the first of the faults that keep the old configuration in force; it carries the others.
  mutating func reload() throws(Fault) {
    var record = AuditRecord(.reload)
    do throws(Fault) {
      try takeOver()
      supervisor.parts.audit.record(record)
    } catch {
      record.result = AuditRecord.Result(error)
      supervisor.parts.audit.record(record)
      throw error
    }
  }

  private mutating func takeOver() throws(Fault) {
    let configuration = try DaemonConfiguration.load(path)
    try current.checkReload(to: configuration)
    try scrape.reload(configuration.metrics)
    if configuration.group != current.group {
      let group = ControlListener.group(configuration.group.value, log: log)
      do throws(Fault) {
        try ControlListener.hand(current.socket.value, to: group)
      } catch {
        try scrape.reload(current.metrics)
        throw error
      }
    }
    let done = DispatchSemaphore(value: 0)
    let (supervisor, settings) = (supervisor, LiveSettings(configuration))
    Task {
      await supervisor.change(to: settings)
      done.signal()
    }
    done.wait()
    current = configuration
  }
}
