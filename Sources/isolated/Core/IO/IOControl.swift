import CLinux
import CgroupKit
import ControlProtocol
import Dispatch
import Faults
import Glibc
import Kernel
import Logging

/// The IO scheduler as the supervisor sees it: a mailbox to a thread of its own, and what that thread last reported.
final class IOControl: IOControlling {
  private let mailbox = Guarded([IOControlLoop.Message]())
  private let latest = Guarded(IOControlLoop.Report())
  private let bell: SharedDescriptor

  /// Starts the thread.
  ///
  /// - Parameters:
  ///   - groups: where the tenants' groups are.
  ///   - directory: where capacities are kept over a restart of the daemon.
  ///   - liveness: who wants to know whether the thread goes round.
  init(groups: TenantGroups, directory: String, liveness: Liveness, log: Logger) throws(Fault) {
    bell = SharedDescriptor(
      owning: try systemCall("eventfd") { eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK)) })
    let (mailbox, latest, bell) = (mailbox, latest, bell)
    let places = IOPlaces(top: groups.hierarchyRoot, tenants: groups.root.path, memory: directory)
    let pulse = Liveness.Pulse(name: "io")
    try DedicatedThread.start(name: "io") {
      let refusal = clinux_set_real_time_priority(1)
      if refusal != 0 {
        log.info(
          "the IO scheduler has no real-time priority: busy processors delay it",
          metadata: ["error": "\(ErrorNumber(refusal))"])
      }
      var loop = IOControlLoop(
        places: places, log: log, post: { Self.post([$0], mailbox, bell) },
        publish: { report in latest.withLock { $0 = report } })
      while loop.isRunning {
        let messages = mailbox.withLock { messages in
          defer { messages.removeAll() }
          return messages
        }
        loop.turn(messages)
        pulse.beat()
        Self.sleep(until: loop.nextTime, bell)
      }
    }
    liveness.join(pulse) { Self.post([], mailbox, bell) }
  }

  func begin(_ tenant: String, group: Cgroup, assignments: [IOAssignment]) {
    post(.begin(tenant, group, assignments))
  }

  func end(_ tenant: String) { post(.end(tenant)) }

  func status() -> [IODisk] { latest.withLock { $0.disks } }

  func report() -> IOControlLoop.Report { latest.withLock { $0 } }

  func decisions(of tenant: String) -> [IODecision] { latest.withLock { $0.decisions[tenant] ?? [] } }

  /// Says that all tenants that an earlier daemon left have begun: what else it left is taken back.
  func recovered() { post(.recovered) }

  /// Leaves limits behind that hold without a scheduler, and ends the thread. Waits for it, but not for ever.
  func stop() {
    let done = DispatchSemaphore(value: 0)
    post(.stop(done))
    _ = done.wait(timeout: .now() + .seconds(2))
  }

  private func post(_ message: IOControlLoop.Message) { Self.post([message], mailbox, bell) }

  /// Leaves messages; none only wakes the thread.
  private static func post(
    _ messages: [IOControlLoop.Message], _ mailbox: Guarded<[IOControlLoop.Message]>, _ bell: SharedDescriptor
  ) {
    mailbox.withLock { $0 += messages }
    // It can only fail when 2^64 - 2 rings were not heard.
    _ = eventfd_write(bell.rawValue, 1)
  }

  /// Sleeps until a time of the monotonic clock, for ever without one, or until there is a message.
  private static func sleep(until time: Int64?, _ bell: SharedDescriptor) {
    let answer: Int32
    if let time {
      let left = max(0, time - MonotonicClock.nanoseconds())
      var patience = timespec(tv_sec: Int(left / 1_000_000_000), tv_nsec: Int(left % 1_000_000_000))
      answer = clinux_wait_readable(bell.rawValue, &patience)
    } else {
      answer = clinux_wait_readable(bell.rawValue, nil)
    }
    var rings: eventfd_t = 0
    if answer > 0 { _ = eventfd_read(bell.rawValue, &rings) }
  }
}
