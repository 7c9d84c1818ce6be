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
  let log: Logger

  init(path: String?, current: DaemonConfiguration, supervisor: Supervisor, log: Logger) {
    self.path = path
    self.current = current
    self.supervisor = supervisor
    self.log = log
  }

  /// - Throws: the first of the faults that keep the old configuration in force; it carries the others.
  mutating func reload() throws(Fault) {
    let configuration = try DaemonConfiguration.load(path)
    try current.checkReload(to: configuration)
    if configuration.group != current.group {
      let group = ControlListener.group(configuration.group.value, log: log)
      try ControlListener.hand(current.socket.value, to: group)
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
