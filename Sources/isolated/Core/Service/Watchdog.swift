import Faults
import Glibc
import Logging

/// Keeps the service manager's watchdog quiet for as long as every loop of the daemon goes round:
/// sd_watchdog_enabled(3) and `WatchdogSec=` of systemd.service(5).
struct Watchdog {
  /// How often to look: four times in the time that the manager waits, so that one missed look is no death.
  let interval: Duration
  private let liveness: Liveness
  private let log: Logger
  /// Who was silent at the last look.
  private var silent: [String] = []

  /// - Returns: nil where nobody watches this process.
  init?(_ liveness: Liveness, log: Logger, environment: (String) -> String? = Self.environment, pid: Int32 = getpid()) {
    guard let interval = Self.interval(in: environment, pid: pid) else { return nil }
    self.interval = interval
    self.liveness = liveness
    self.log = log
  }

  /// The pause between two looks.
  static func interval(in variable: (String) -> String?, pid: Int32) -> Duration? {
    guard let patience = variable("WATCHDOG_USEC").flatMap({ Int64($0) }), patience > 0 else { return nil }
    if let watched = variable("WATCHDOG_PID"), Int32(watched) != pid { return nil }
    return .microseconds(max(1, patience / 4))
  }

  /// Looks, and says that the daemon is alive if all of it is.
  ///
  /// - Parameter notify: tells the service manager.
  mutating func look(notify: (String) throws(Fault) -> Void = SystemdNotify.send) {
    let found = liveness.silent()
    if found != silent, !found.isEmpty {
      log.error("a loop does not go round", metadata: ["loops": "\(found.joined(separator: " "))"])
    }
    silent = found
    guard found.isEmpty else { return }
    do throws(Fault) {
      try notify("WATCHDOG=1")
    } catch {
      log.error("cannot tell the watchdog that the daemon lives", metadata: ["fault": "\(error)"])
    }
  }

  private static func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}
