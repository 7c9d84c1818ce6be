import CLinux
import Faults
import Glibc
import Kernel
import Logging

/// What the main thread does while the daemon serves: it takes the signals, reloads, and feeds the watchdog.
struct ServiceLoop {
  /// Blocked in every thread.
  let signals: sigset_t
  let socket: String
  var reloader: Reloader
  var watchdog: Watchdog?
  let log: Logger

  /// Runs until SIGTERM or SIGINT.
  ///
  /// - Returns: which of them came.
  mutating func run() -> Int32 {
    tell("READY=1\nSTATUS=Serving \(socket)")
    var nextLook = MonotonicClock.nanoseconds()
    while true {
      if let watchdog, nextLook <= MonotonicClock.nanoseconds() {
        self.watchdog?.look()
        nextLook = MonotonicClock.nanoseconds() + watchdog.interval.wholeNanoseconds
      }
      guard let signal = wait(until: watchdog == nil ? nil : nextLook) else { continue }
      guard signal.number == SIGHUP else { return signal.number }
      reload(signal)
    }
  }

  private func wait(until time: Int64?) -> clinux_signal? {
    var signals = signals
    var arrived = clinux_signal()
    guard let time else { return clinux_wait_signal(&signals, nil, &arrived) < 0 ? nil : arrived }
    let left = max(0, time - MonotonicClock.nanoseconds())
    var patience = timespec(tv_sec: Int(left / 1_000_000_000), tv_nsec: Int(left % 1_000_000_000))
    return clinux_wait_signal(&signals, &patience, &arrived) < 0 ? nil : arrived
  }

  private mutating func reload(_ request: clinux_signal) {
    // What a manager of the type notify-reload waits for; others are shown that it goes on.
    tell("RELOADING=1\nMONOTONIC_USEC=\(MonotonicClock.nanoseconds() / 1000)\nSTATUS=Reading the configuration")
    var refusal: Fault?
    do throws(Fault) {
      try reloader.reload()
      log.info("the configuration was read anew")
    } catch {
      refusal = error
      for fault in [error] + error.others {
        log.error("the configuration is refused; the old one stays", metadata: ["fault": "\(fault)"])
      }
    }
    let afterthought = refusal.map { "; the last reload was refused: \(String($0.description.prefix(300)))" } ?? ""
    tell("READY=1\nSTATUS=Serving \(socket)\(afterthought)")
    do throws(Fault) {
      try ReloadRequest.answer(request, refusal: refusal)
    } catch {
      log.warning("nobody hears what came of a reload", metadata: ["fault": "\(error)"])
    }
  }

  /// What nobody hears is no reason to end: the service manager may be restarting itself.
  private func tell(_ state: String) {
    do throws(Fault) {
      try SystemdNotify.send(state)
    } catch {
      log.warning("cannot notify systemd", metadata: ["fault": "\(error)"])
    }
  }
}

extension Duration {
  /// Nanoseconds, up to 292 years.
  fileprivate var wholeNanoseconds: Int64 {
    let (product, overflow) = components.seconds.multipliedReportingOverflow(by: 1_000_000_000)
    return overflow ? .max : product + components.attoseconds / 1_000_000_000
  }
}
