import CgroupKit
import Faults
import IOQoS
import IOSensor

/// What the loop does once a second besides its decisions.
extension IOControlLoop {
  /// What is done once in a while, each in a turn of its own.
  enum Chore {
    case disk(DeviceNumber)
    case capacity(DeviceNumber)
    case sensor
    case removedGroups
    case hostGroups
    case report

    /// Between two chores, in nanoseconds. The thread goes before all others of its processor, the kernel's worker that
    /// lets held IO through among them: done in one piece, a second's chores would hold that up for longer than a tick.
    static let pause: Int64 = 1_000_000
  }

  /// The last comes first.
  func choresOfSecond() -> [Chore] {
    var chores = [Chore.report]
    if seconds % 5 == 0 { chores.append(.hostGroups) }
    if seconds % 30 == 0 { chores.append(.removedGroups) }
    chores.append(.sensor)
    chores += disks.keys.map { .capacity($0) }
    chores += disks.keys.map { .disk($0) }
    return chores
  }

  mutating func perform(_ chore: Chore, _ now: Int64) {
    switch chore {
    case .disk(let number):
      guard let disk = disks[number] else { return }
      if disk.outage != nil { disk.restart(at: now) }
      fill(disk)
      disk.closeSecond()
      disk.noteDecisions(at: now)
      guard disk.outage == nil else { return }
      do throws(Fault) {
        try disk.noteRequests()
      } catch {
        say("requests", "cannot tell how many requests a disk has", error)
      }
    case .capacity(let number): if let disk = disks[number] { keepCapacity(of: disk) }
    case .sensor: readSensor(now)
    case .removedGroups: forgetRemovedGroups()
    case .hostGroups: adoptHostGroups()
    case .report: publishNow()
    }
  }

  private mutating func keepCapacity(of disk: ScheduledDisk) {
    guard let model = disk.scheduler.model, let capacity = disk.scheduler.order.capacity else { return }
    do throws(Fault) {
      try capacities.keep(capacity / CostModel.wholeDevice, of: disk.disk, measured: model.measured)
    } catch {
      say("capacity", "cannot keep a disk's capacity over a restart", error)
    }
  }

  private mutating func readSensor(_ now: Int64) {
    guard case .measures(let sensor)? = sensor else { return }
    do throws(Fault) {
      for (key, window) in try sensor.readWindow() {
        let number = DeviceNumber(major: key.disk.major, minor: key.disk.minor)
        guard let tenant = byIdentifier[key.cgroup], disks[number] != nil else { continue }
        tenant.latencies.note(
          window, .init(disk: number, operation: key.operation), at: now,
          target: LatencyLedger.target(of: tenant.promise(on: number), key.operation))
      }
    } catch {
      say("sensor", "cannot read the latency sensor", error)
    }
  }

  private mutating func forgetRemovedGroups() {
    guard case .measures(let sensor)? = sensor, let top = places.top else { return }
    do throws(Fault) {
      try sensor.forgetRemovedGroups(under: try top.openDirectory().rawValue)
    } catch {
      say("sensor", "cannot forget the groups that have gone", error)
    }
  }
}
