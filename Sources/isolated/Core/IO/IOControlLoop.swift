import CgroupKit
import ControlProtocol
import Faults
import Glibc
import IOQoS
import IOSensor
import Kernel
import Logging

/// What the scheduler's thread does: it owns every disk's scheduler and every `io.max` that they write.
///
/// Confined to that thread. It sleeps for good while nothing is promised on any disk.
struct IOControlLoop {
  /// Whether it has more to do.
  private(set) var isRunning = true

  private let groups: TenantGroups
  private let capacities: CapacityMemory
  private let hosts: HostLimits
  private let log: Logger
  private let post: @Sendable (IOControl.Message) -> Void
  private let publish: (IOControl.Report) -> Void
  private var tenants: [String: ScheduledTenant] = [:]
  private var byIdentifier: [UInt64: ScheduledTenant] = [:]
  private var disks: [DeviceNumber: ScheduledDisk] = [:]
  private var sensor: IOSensorState?
  private var nextSecond: Int64 = 0
  private var seconds = 0
  /// When a fault of the same kind was last said.
  private var said: [String: Int64] = [:]

  private static let second: Int64 = 1_000_000_000

  init(
    groups: TenantGroups, directory: String, log: Logger, post: @escaping @Sendable (IOControl.Message) -> Void,
    publish: @escaping (IOControl.Report) -> Void
  ) {
    self.groups = groups
    capacities = CapacityMemory(directory: directory)
    hosts = HostLimits(directory: directory)
    self.log = log
    self.post = post
    self.publish = publish
  }

  /// When there is something to do again; nil while there is nothing.
  var nextTime: Int64? {
    guard !disks.isEmpty else { return nil }
    return disks.values.reduce(nextSecond) { min($0, $1.nextTick) }
  }

  /// Hears what there is to hear and does what is due.
  mutating func turn(_ messages: [IOControl.Message]) {
    for message in messages { hear(message) }
    guard isRunning else { return }
    for disk in disks.values {
      let now = MonotonicClock.nanoseconds()
      if disk.nextTick <= now { tick(disk, now) }
    }
    let now = MonotonicClock.nanoseconds()
    if !disks.isEmpty, nextSecond <= now {
      nextSecond = now + Self.second
      everySecond(now)
    }
  }

  // MARK: Messages

  private mutating func hear(_ message: IOControl.Message) {
    switch message {
    case .begin(let name, let group, let assignments): begin(name, group, assignments)
    case .end(let name): end(name)
    case .sensor(let state):
      sensor = state
      if case .missing(let fault) = state {
        log.warning("latencies aren't measured", metadata: ["fault": "\(fault)"])
      }
    case .stop(let done):
      for disk in disks.values {
        disk.leaveStandingLimits(report: reporter)
      }
      isRunning = false
      done.signal()
    }
  }

  private mutating func begin(_ name: String, _ group: Cgroup, _ assignments: [IOAssignment]) {
    if tenants[name] != nil { end(name) }
    do throws(Fault) {
      let tenant = try ScheduledTenant(name: name, group: group, isHost: false, assignments: assignments)
      tenants[name] = tenant
      byIdentifier[tenant.identifier] = tenant
      for assignment in assignments { require(assignment) }
      for disk in disks.values { try disk.begin(tenant) }
    } catch {
      log.error("cannot schedule a tenant's IO", metadata: ["tenant": "\(name)", "fault": "\(error)"])
    }
    publishNow()
  }

  private mutating func end(_ name: String) {
    guard let tenant = tenants.removeValue(forKey: name) else { return }
    byIdentifier[tenant.identifier] = nil
    tenant.isGone = true
    for disk in disks.values { disk.end(tenant) }
    for (number, disk) in disks where !disk.isNeeded {
      disk.release(report: reporter)
      for case let other? in disk.tenants { disk.end(other) }
      disks[number] = nil
      log.info("nothing is promised on a disk any more", metadata: ["disk": "\(disk.disk.name)"])
    }
    if disks.isEmpty { for name in tenants.filter(\.value.isHost).map(\.key) { drop(name) } }
    publishNow()
  }

  /// Puts a disk under the scheduler, if it isn't yet, and with it everybody who is there.
  private mutating func require(_ assignment: IOAssignment) {
    let number = assignment.disk.number
    if disks[number] != nil { return }
    let now = MonotonicClock.nanoseconds()
    let disk = ScheduledDisk(
      assignment.disk, model: assignment.model, capacity: capacities.recall(assignment.disk), hosts: hosts,
      now: now)
    if let outage = disk.outage {
      log.error("cannot read a disk", metadata: ["disk": "\(assignment.disk.name)", "fault": "\(outage)"])
    }
    for tenant in tenants.values where tenant.name != assignment.tenant {
      do throws(Fault) { try disk.begin(tenant) } catch { complain(tenant, error) }
    }
    disks[number] = disk
    nextSecond = min(max(nextSecond, now), now + Self.second)
    adoptHostGroups()
    loadSensor()
    log.info(
      "scheduling a disk",
      metadata: [
        "disk": "\(assignment.disk.name)", "calibrated": "\(assignment.model != nil)",
        "tick": "\(disk.scheduler.times.tick / 1_000_000)ms",
      ])
  }

  /// The host's own groups are neighbours too. They come and go, with users who log in for instance.
  private mutating func adoptHostGroups() {
    guard let top = groups.hierarchyRoot else { return }
    do throws(Fault) {
      let present = Set(try HostGroups.present(in: top, besides: groups.root.path))
      for name in tenants.filter(\.value.isHost).map(\.key) where !present.contains(String(name.dropFirst())) {
        drop(name)
      }
      for name in present where tenants["/" + name] == nil {
        let host = try ScheduledTenant(
          name: "/" + name, group: try top.child(name), isHost: true, assignments: [])
        host.hostShare = (0.05 / Double(present.count), max(1, 100 / present.count))
        tenants[host.name] = host
        byIdentifier[host.identifier] = host
        for disk in disks.values { try disk.begin(host) }
      }
    } catch {
      say("host groups", "cannot take the host's own groups in", error)
    }
  }

  private mutating func drop(_ name: String) {
    guard let tenant = tenants.removeValue(forKey: name) else { return }
    byIdentifier[tenant.identifier] = nil
    tenant.isGone = true
    for disk in disks.values { disk.end(tenant) }
  }

  /// Loading takes tens of milliseconds: not on this thread.
  private mutating func loadSensor() {
    guard sensor == nil else { return }
    sensor = .loading
    let post = post
    do throws(Fault) {
      try DedicatedThread.start(name: "sensor") {
        do throws(Fault) {
          post(.sensor(.measures(try IOLatencySensor.load())))
        } catch {
          post(.sensor(.missing(error)))
        }
      }
    } catch {
      post(.sensor(.missing(error)))
    }
  }

  // MARK: Time

  private mutating func tick(_ disk: ScheduledDisk, _ now: Int64) {
    do throws(Fault) {
      try disk.tick(at: now, report: reporter)
    } catch {
      say(disk.disk.name, "cannot read a disk", error)
    }
  }

  private mutating func everySecond(_ now: Int64) {
    seconds += 1
    for disk in disks.values {
      if disk.outage != nil { disk.restart(report: reporter) }
      disk.closeSecond(at: now)
      disk.noteDecisions(at: now)
      if let capacity = disk.scheduler.order.capacity, disk.scheduler.model != nil {
        do throws(Fault) {
          try capacities.keep(capacity / CostModel.wholeDevice, of: disk.disk)
        } catch {
          say("capacity", "cannot keep a disk's capacity over a restart", error)
        }
      }
    }
    readSensor()
    if seconds % 5 == 0 { adoptHostGroups() }
    publishNow()
  }

  private mutating func readSensor() {
    guard case .measures(let sensor)? = sensor else { return }
    do throws(Fault) {
      for (key, window) in try sensor.readWindow() {
        let number = DeviceNumber(major: key.disk.major, minor: key.disk.minor)
        guard let tenant = byIdentifier[key.cgroup], let disk = disks[number] else { continue }
        tenant.latencies.note(
          window, .init(disk: number, operation: key.operation),
          target: LatencyLedger.target(of: tenant.promise(on: number), key.operation),
          isHeld: tenant.slots[number].map { disk.scheduler.isHeld($0) } ?? false)
      }
      if seconds % 30 == 0, let top = groups.hierarchyRoot {
        let directory = try top.openDirectory()
        try sensor.forgetRemovedGroups(under: directory.rawValue)
      }
    } catch {
      say("sensor", "cannot read the latency sensor", error)
    }
  }

  private func publishNow() {
    var report = IOControl.Report()
    report.disks = disks.values.map { $0.wire(sensor: (sensor ?? .loading).absence) }.sorted { $0.name < $1.name }
    for tenant in tenants.values where !tenant.decisions.entries.isEmpty {
      report.decisions[tenant.name] = tenant.decisions.entries
    }
    publish(report)
  }

  // MARK: Faults

  private var reporter: (ScheduledTenant, Fault) -> Void {
    let log = log
    return { tenant, fault in Self.report(tenant, fault, log) }
  }

  private func complain(_ tenant: ScheduledTenant, _ fault: Fault) { Self.report(tenant, fault, log) }

  /// A group that has gone is no fault: its end will be told. Anything else is said once, for the tenant is left alone
  /// from then on until its next line.
  private static func report(_ tenant: ScheduledTenant, _ fault: Fault, _ log: Logger) {
    if fault.code == .groupGone {
      tenant.isGone = true
      return
    }
    if tenant.lastFault == fault.code { return }
    tenant.lastFault = fault.code
    log.error("cannot schedule a tenant's IO", metadata: ["tenant": "\(tenant.name)", "fault": "\(fault)"])
  }

  private mutating func say(_ what: String, _ message: Logger.Message, _ fault: Fault) {
    let now = MonotonicClock.nanoseconds()
    if let last = said[what], now - last < 60 * Self.second { return }
    said[what] = now
    log.error(message, metadata: ["about": "\(what)", "fault": "\(fault)"])
  }
}
