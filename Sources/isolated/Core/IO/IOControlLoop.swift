import CgroupKit
import ControlProtocol
import Dispatch
import Faults
import IOQoS
import IOSensor
import Kernel
import Logging

/// What the scheduler's thread does: it owns every disk's scheduler and every `io.max` that they write.
///
/// Confined to that thread. It sleeps for good while nothing is promised on any disk.
package struct IOControlLoop {
  /// What the loop is told.
  package enum Message: Sendable {
    /// A tenant is there. One of that name takes the place of the one before.
    case begin(String, Cgroup, [IOAssignment])
    /// A tenant has ended; those that never began may be named too.
    case end(String)
    /// All tenants that an earlier daemon left have begun.
    case recovered
    /// What became of loading the sensor.
    case sensor(IOSensorState)
    /// Leave limits behind, signal, and do nothing more.
    case stop(DispatchSemaphore)
  }

  /// What the loop reports, once a second and when a tenant begins or ends.
  package struct Report: Sendable {
    /// Ordered by name.
    package var disks: [IODisk] = []
    /// By the tenant's name.
    package var decisions: [String: [IODecision]] = [:]
    /// What was counted so far.
    package var measures = IOMeasures()
    /// When it was made, in nanoseconds of the loop's clock.
    package var time: Int64 = 0

    /// Nothing to report.
    package init() {}
  }

  /// Whether it has more to do.
  package private(set) var isRunning = true

  let places: IOPlaces
  let hosts: HostLimits
  let log: Logger
  var tenants: [String: ScheduledTenant] = [:]
  private(set) var disks: [DeviceNumber: ScheduledDisk] = [:]
  let capacities: CapacityMemory
  private let clock: () -> Int64
  private let jiffies: () -> Int64
  private let edge: Int64
  private let post: @Sendable (Message) -> Void
  private let publish: (Report) -> Void
  var byIdentifier: [UInt64: ScheduledTenant] = [:]
  var sensor: IOSensorState?
  private var nextSecond: Int64 = 0
  var seconds = 0
  /// What this second asks for besides decisions, the next last, and when that is due.
  private var chores: [Chore] = []
  private var nextChore: Int64 = 0
  private var isReportStale = false
  /// When a fault of the same kind was last said.
  private var said: [String: Int64] = [:]

  private static let second: Int64 = 1_000_000_000

  /// Starts with nothing to schedule.
  ///
  /// - Parameters:
  ///   - clock: nanoseconds that never go back.
  ///   - jiffies: the same as of the kernel's last jiffy.
  ///   - edge: when any jiffy began.
  ///   - post: sends the loop a message, from any thread.
  package init(
    places: IOPlaces, log: Logger, clock: @escaping () -> Int64 = { MonotonicClock.nanoseconds() },
    jiffies: @escaping () -> Int64 = { JiffyClock.nanoseconds() }, edge: Int64 = JiffyClock.edge,
    post: @escaping @Sendable (Message) -> Void, publish: @escaping (Report) -> Void
  ) {
    self.places = places
    capacities = CapacityMemory(directory: places.memory)
    hosts = HostLimits(directory: places.memory)
    self.log = log
    self.clock = clock
    self.jiffies = jiffies
    self.edge = edge
    self.post = post
    self.publish = publish
  }

  /// When there is something to do again; nil while there is nothing.
  package var nextTime: Int64? {
    guard !disks.isEmpty else { return nil }
    let next = chores.isEmpty ? nextSecond : min(nextChore, nextSecond)
    return disks.values.reduce(next) { min($0, $1.nextTick) }
  }

  /// Hears what there is to hear and does what is due.
  package mutating func turn(_ messages: [Message] = []) {
    for message in messages where isRunning { hear(message) }
    guard isRunning else { return }
    for disk in disks.values {
      let now = clock()
      if disk.nextTick <= now {
        tick(disk, now)
        disk.noteTick(took: clock() - now)
      }
    }
    let now = clock()
    if !disks.isEmpty, nextSecond <= now {
      nextSecond = now + Self.second
      seconds += 1
      // With very many disks they take longer than a second.
      if chores.isEmpty { chores = choresOfSecond() }
    }
    if isReportStale { publishNow() }
    guard nextChore <= now, let chore = chores.popLast() else { return }
    perform(chore, now)
    nextChore = clock() + Chore.pause
  }

  // MARK: Messages

  private mutating func hear(_ message: Message) {
    switch message {
    case .begin(let name, let group, let assignments): begin(name, group, assignments)
    case .end(let name): if let tenant = tenants[name], !tenant.isHost { end(tenant) }
    case .recovered: takeBackLeftovers()
    case .sensor(let state):
      // The last promise may have gone meanwhile.
      sensor = disks.isEmpty ? nil : state
      if case .missing(let fault) = state {
        log.warning("latencies aren't measured", metadata: ["fault": "\(fault)"])
      }
    case .stop(let done):
      for disk in disks.values { disk.leaveStandingLimits(report: reporter) }
      isRunning = false
      done.signal()
    }
  }

  private mutating func begin(_ name: String, _ group: Cgroup, _ assignments: [IOAssignment]) {
    // The disks that both use stay under their schedulers.
    let before = tenants[name]
    if let before { remove(before) }
    do throws(Fault) {
      let tenant = try ScheduledTenant(name: name, group: group, isHost: false, assignments: assignments)
      // The same tenant, with other promises.
      if let before, before.identifier == tenant.identifier { tenant.goOn(from: before) }
      add(tenant)
      for assignment in assignments { require(assignment) }
      for disk in disks.values { fill(disk) }
    } catch let error where error.code == .groupGone {
      // It has ended already.
    } catch {
      log.error("cannot schedule a tenant's IO", metadata: ["tenant": "\(name)", "fault": "\(error)"])
    }
    releaseDisks()
    isReportStale = true
  }

  private mutating func end(_ tenant: ScheduledTenant) {
    remove(tenant)
    releaseDisks()
    isReportStale = true
  }

  mutating func add(_ tenant: ScheduledTenant) {
    tenants[tenant.name] = tenant
    byIdentifier[tenant.identifier] = tenant
  }

  /// Forgets a tenant, or a group of the host; its limits stay as they are.
  mutating func remove(_ tenant: ScheduledTenant) {
    tenants[tenant.name] = nil
    if byIdentifier[tenant.identifier] === tenant { byIdentifier[tenant.identifier] = nil }
    tenant.isGone = true
    for disk in disks.values { disk.end(tenant) }
  }

  /// Puts a disk under the scheduler, if it isn't yet, and with it everybody who is there.
  private mutating func require(_ assignment: IOAssignment) {
    let number = assignment.disk.number
    if let disk = disks[number] {
      guard disk.renew(assignment) else { return }
      fill(disk)
      log.info("a disk was measured anew", metadata: ["disk": "\(disk.disk.name)"])
      return
    }
    let now = clock()
    let disk = ScheduledDisk(
      assignment.disk, model: assignment.model,
      capacity: assignment.model.flatMap { capacities.recall(assignment.disk, measured: $0.measured) },
      places: places, hosts: hosts, now: now)
    if let outage = disk.outage {
      log.error("cannot read a disk", metadata: ["disk": "\(assignment.disk.name)", "fault": "\(outage)"])
    }
    if disks.isEmpty { nextSecond = now + Self.second }
    disks[number] = disk
    fill(disk)
    adoptHostGroups()
    loadSensor()
    log.info(
      "scheduling a disk",
      metadata: [
        "disk": "\(assignment.disk.name)", "calibrated": "\(assignment.model != nil)",
        "tick": "\(disk.scheduler.times.tick / 1_000_000)ms",
      ])
  }

  /// Takes everybody in who isn't on a disk yet.
  func fill(_ disk: ScheduledDisk) {
    for tenant in tenants.values where tenant.slots[disk.disk.number] == nil && !tenant.isGone {
      do throws(Fault) { try disk.begin(tenant) } catch { reporter(tenant, error) }
    }
  }

  /// Gives up the disks on which nothing is promised any more.
  private mutating func releaseDisks() {
    let idle = disks.filter { number, _ in !tenants.values.contains { $0.assignments[number] != nil } }
    guard !idle.isEmpty else { return }
    for (number, disk) in idle {
      disk.release(report: reporter)
      disks[number] = nil
      log.info("nothing is promised on a disk any more", metadata: ["disk": "\(disk.disk.name)"])
    }
    if disks.isEmpty {
      for host in tenants.values where host.isHost { remove(host) }
      // It costs each IO of the host a little.
      if case .loading? = sensor {} else { sensor = nil }
    }
    takeBackLeftovers()
  }

  /// Loading takes tens of milliseconds: not on this thread.
  private mutating func loadSensor() {
    guard sensor == nil else { return }
    sensor = .loading
    let (post, load) = (post, places.loadSensor)
    do throws(Fault) {
      try DedicatedThread.start(name: "sensor") {
        do throws(Fault) {
          post(.sensor(.measures(try load())))
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
      try disk.tick(at: now, jiffies: jiffies, edge: edge, report: reporter)
    } catch {
      say(disk.disk.name, "cannot read a disk", error)
    }
  }

  mutating func publishNow() {
    isReportStale = false
    let now = clock()
    let absence = (sensor ?? .loading).absence
    var report = Report()
    report.disks = disks.values.map { $0.wire(sensor: absence, at: now) }.sorted { $0.name < $1.name }
    report.measures.disks = disks.values.map { $0.measures() }.sorted { $0.disk.name < $1.disk.name }
    report.time = now
    for tenant in tenants.values where !tenant.decisions.entries.isEmpty {
      report.decisions[tenant.name] = tenant.decisions.entries
    }
    publish(report)
  }

  // MARK: Faults

  /// A group that has gone is no fault: its end will be told. Anything else is said once for each tenant and kind.
  var reporter: (ScheduledTenant, Fault) -> Void {
    let log = log
    return { tenant, fault in
      if fault.code == .groupGone {
        tenant.isGone = true
      } else if tenant.said.insert(fault.code).inserted {
        log.error("cannot schedule a tenant's IO", metadata: ["tenant": "\(tenant.name)", "fault": "\(fault)"])
      }
    }
  }

  /// Says a fault once a minute.
  mutating func say(_ what: String, _ message: Logger.Message, _ fault: Fault) {
    let now = clock()
    if let last = said[what], now - last < 60 * Self.second { return }
    said[what] = now
    log.error(message, metadata: ["about": "\(what)", "fault": "\(fault)"])
  }
}
