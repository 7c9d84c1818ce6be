import CgroupKit
import Faults
import IOQoS
import Kernel

/// A disk under the scheduler: its counters, its scheduler, and who shares it. Confined to the scheduler's thread.
final class ScheduledDisk {
  private(set) var disk: IOAssignment.Disk
  private(set) var scheduler: IOScheduler
  /// By slot.
  private(set) var tenants: [ScheduledTenant?] = []
  /// When the next decision is due: half of the time that one takes before ``nextMiddle``.
  private(set) var nextTick: Int64
  /// Why the disk can't be read at present; nil while it can.
  private(set) var outage: Fault?
  /// Figures of the last whole second, for people.
  private(set) var second = Second()

  /// What the disk was calibrated to do, or without a calibration what it was seen to do; infinite while that is
  /// unknown too.
  private(set) var whole = Double.infinity
  /// Whether it is known what the disk can do.
  private(set) var isKnown = false

  /// How long decisions took, since the disk came under the scheduler.
  private(set) var tickDurations = DurationHistogram.ticks
  /// Decisions that were due and never made.
  private(set) var missedTicks: UInt64 = 0
  /// How often what bounds a tenant changed, by the new bound.
  var decisions: [String: UInt64] = [:]

  /// What a second showed.
  struct Second {
    var ticks = 0
    /// By slot: in how many decisions a tenant was held back.
    var heldTicks: [Int] = []
    var rates = PerDirection(read: Work.none, write: Work.none)
    var reading: DeviceReading?
  }

  private let places: IOPlaces
  private let hosts: HostLimits
  private var counters: DiskCounters?
  private var last: DeviceReading?
  private var requests: Int?
  /// The time between two jiffies that is to be in the middle of the next tick.
  private var nextMiddle: Int64
  /// How long a tick takes on average, the time that it comes late included, in nanoseconds.
  private var duration = 0.0
  private var lateness: Int64 = 0
  private var quietSince: Int64?
  private var writes: [IOScheduler.Write] = []
  private var heldTicks: [Int] = []
  private var ticks = 0

  /// After so long without any IO nothing is decided until there is some, in nanoseconds: by then nobody is held back.
  private static let quietPatience: Int64 = 3_000_000_000
  /// Between two looks for a disk that can't be read, in nanoseconds.
  private static let outagePatience: Int64 = 1_000_000_000
  /// Over how many ticks ``duration`` is averaged.
  private static let durationTicks = 32.0

  init(
    _ disk: IOAssignment.Disk, model: DeviceModel?, capacity: Double?, places: IOPlaces, hosts: HostLimits, now: Int64
  ) {
    self.disk = disk
    self.places = places
    self.hosts = hosts
    scheduler = IOScheduler(model: model, capacity: capacity)
    nextTick = now
    nextMiddle = now
    reopen()
    noteWhole()
  }

  /// Takes over a newer calibration, or another disk that has come under the same number. Everybody is then to begin
  /// anew, under the limits that stand.
  ///
  /// - Returns: whether there was such news.
  func renew(_ assignment: IOAssignment) -> Bool {
    let isOther = assignment.disk != disk
    let isNewer = assignment.model.map { $0.measured >= scheduler.model?.measured ?? .min && $0 != scheduler.model }
    guard isOther || isNewer ?? false else { return false }
    disk = assignment.disk
    if isOther { reopen() }
    startOver(assignment.model)
    return true
  }

  /// Begins anew with a disk that came back: the kernel has forgotten every line about it. Another disk that took its
  /// number is none of it.
  func restart(at now: Int64) {
    guard places.identity(disk.name) == disk.id else { return }
    reopen()
    guard outage == nil else { return }
    startOver(scheduler.model)
    nextTick = now
  }

  private func startOver(_ model: DeviceModel?) {
    for case let tenant? in tenants { tenant.slots[disk.number] = nil }
    scheduler = IOScheduler(model: model)
    scheduler.requests = requests
    noteWhole()
    tenants = []
    heldTicks = []
    second = Second()
    last = nil
    quietSince = nil
  }

  private func noteWhole() {
    let order = scheduler.order
    isKnown = order.rate != nil
    whole = scheduler.model == nil ? order.capacity ?? .infinity : CostModel.wholeDevice
  }

  private func reopen() {
    do throws(Fault) {
      var opened = try DiskCounters(disk.number, sysfs: places.sysfs)
      _ = try opened.read(at: 0)
      try noteRequests()
      counters = consume opened
      outage = nil
    } catch {
      counters = nil
      outage = error
    }
  }

  /// The last reading.
  var reading: DeviceReading? { last }

  /// Takes a tenant in that isn't here yet.
  func begin(_ tenant: ScheduledTenant) throws(Fault) {
    let written = try tenant.written(on: disk.number)
    if tenant.isHost, tenant.ownLimits[disk.number] == nil {
      tenant.ownLimits[disk.number] = try hosts.limits(of: tenant.name, on: disk.number, present: written)
    }
    end(tenant)
    let slot = scheduler.begin(
      tenant.promise(on: disk.number), standing: tenant.standing(on: disk.number), written: written)
    tenant.slots[disk.number] = slot
    while tenants.count <= slot {
      tenants.append(nil)
      heldTicks.append(0)
    }
    tenants[slot] = tenant
    heldTicks[slot] = 0
    quietSince = nil
  }

  /// Lets a tenant go; its limits stay as they are.
  func end(_ tenant: ScheduledTenant) {
    guard let slot = tenant.slots.removeValue(forKey: disk.number), tenants.indices.contains(slot) else { return }
    scheduler.end(slot)
    tenants[slot] = nil
  }

  /// Reads, decides and writes.
  ///
  /// - Parameters:
  ///   - jiffies: when the last jiffy began, as ``JiffyClock/nanoseconds()`` says it.
  ///   - edge: when any jiffy began.
  /// - Throws: the disk's fault. A tenant's own goes to `report`.
  func tick(
    at now: Int64, jiffies: () -> Int64, edge: Int64, report: (ScheduledTenant, Fault) -> Void
  ) throws(Fault) {
    guard counters != nil else {
      nextTick = now + Self.outagePatience
      return
    }
    lateness = max(0, now - nextTick)
    missedTicks += UInt64(lateness / scheduler.interval)
    // The worker that lets held IO through has the edge for itself.
    let lead = min(Int64(duration / 2), JiffyClock.jiffy / 4)
    nextMiddle = Self.betweenJiffies(
      max(nextMiddle + scheduler.interval, now + lead + scheduler.interval / 2), edge: edge)
    nextTick = nextMiddle - lead
    var reading: DeviceReading
    do throws(Fault) {
      reading = try counters?.read(at: now) ?? DeviceReading.none(at: now)
    } catch {
      counters = nil
      outage = error
      throw error
    }
    guard !isQuiet(reading) else { return }
    for slot in scheduler.due(at: now) { read(slot, at: now, report) }
    reading.jiffyTime = jiffies()
    scheduler.decide(reading, into: &writes)
    noteWhole()
    write(report)
    count()
  }

  /// The time in the middle between two jiffies that is nearest to `time`; `edge` is when any jiffy was.
  ///
  /// blk-throttle counts in jiffies and lets through on their edges. There, lines that are written a little late or early
  /// would count for none or for two of them.
  static func betweenJiffies(_ time: Int64, edge: Int64) -> Int64 {
    time - JiffyClock.remainder(time - edge) + JiffyClock.jiffy / 2
  }

  /// Takes down how long a decision took, in nanoseconds.
  func noteTick(took time: Int64) {
    tickDurations.record(nanoseconds: time)
    // A tick that came later than that is none to go by.
    let (took, most) = (Double(lateness) + Double(time), Double(scheduler.interval))
    if took <= most { duration += (took - duration) / Self.durationTicks }
  }

  /// Ends a second of counting.
  func closeSecond() {
    second.rates = PerDirection(read: .none, write: .none)
    if let first = second.reading, let last, last.time > first.time {
      let seconds = Double(last.time - first.time) / 1e9
      func rate(_ direction: IODirection) -> Work {
        let (old, new) = (first.completed[direction], last.completed[direction])
        guard new.operations >= old.operations, new.bytes >= old.bytes else { return .none }
        return Work(
          operations: Double(new.operations - old.operations) / seconds,
          bytes: Double(new.bytes - old.bytes) / seconds)
      }
      second.rates = PerDirection(read: rate(.read), write: rate(.write))
    }
    noteCounters()
    second.reading = last
    second.ticks = ticks
    swap(&second.heldTicks, &heldTicks)
    ticks = 0
    heldTicks.removeAll(keepingCapacity: true)
    heldTicks.append(contentsOf: repeatElement(0, count: tenants.count))
  }

  /// Tells the scheduler how many requests the disk has at present: that changes with the disk's IO scheduler.
  ///
  /// - Throws: as ``RequestQueue/requests(of:sysfs:)`` does.
  func noteRequests() throws(Fault) {
    requests = try RequestQueue.requests(of: disk.number, sysfs: places.sysfs)
    scheduler.requests = requests
  }

  /// What a second adds to the tenants' counters.
  private func noteCounters() {
    let scheduler = scheduler
    for (slot, tenant) in tenants.enumerated() {
      guard let tenant, !tenant.isHost, let state = scheduler.state(of: slot) else { continue }
      let held = UInt64(heldTicks[slot]) * UInt64(scheduler.times.tick)
      // Most tenants are asleep and reserve nothing.
      guard held > 0 || (state.isActive && state.reserved > 0) else { continue }
      tenant.counters[disk.number, default: .init()].heldNanoseconds += held
      tenant.counters[disk.number, default: .init()].noteReservation(state)
    }
  }

  /// Leaves limits behind under which the promises hold as well as they can without a scheduler.
  func leaveStandingLimits(report: (ScheduledTenant, Fault) -> Void) {
    if outage == nil {
      writes = scheduler.standingLimits()
      write(report)
    }
    for case let host? in tenants where host.isHost { giveBack(host, report: report) }
  }

  /// Takes back what the scheduler wrote, and lets everybody go: what is left is the tenants' own limits.
  func release(report: (ScheduledTenant, Fault) -> Void) {
    for case let tenant? in tenants {
      giveBack(tenant, report: report)
      end(tenant)
    }
  }

  /// Gives a tenant, or a group of the host, its own limits back.
  func giveBack(_ tenant: ScheduledTenant, report: (ScheduledTenant, Fault) -> Void) {
    guard tenant.slots[disk.number] != nil else { return }
    do throws(Fault) {
      if outage == nil, !tenant.isGone { try tenant.write(tenant.standing(on: disk.number), on: disk.number) }
    } catch {
      report(tenant, error)
      // While its line isn't its own, what was its own has to be remembered.
      guard error.code == .groupGone || error.code == .noSuchDevice else { return }
    }
    guard tenant.isHost else { return }
    tenant.ownLimits[disk.number] = nil
    do throws(Fault) { try hosts.forget(tenant.name, on: disk.number) } catch { report(tenant, error) }
  }

  private func isQuiet(_ reading: DeviceReading) -> Bool {
    defer { last = reading }
    guard let last, last.completed == reading.completed, reading.inFlight == 0 else {
      quietSince = nil
      return false
    }
    let since = quietSince ?? reading.time
    quietSince = since
    return reading.time - since > Self.quietPatience
  }

  private func read(_ slot: IOScheduler.Slot, at now: Int64, _ report: (ScheduledTenant, Fault) -> Void) {
    guard tenants.indices.contains(slot), let tenant = tenants[slot], !tenant.isGone else { return }
    do throws(Fault) {
      scheduler.note(slot, dispatched: try tenant.dispatched(on: disk.number), at: now)
    } catch {
      report(tenant, error)
    }
  }

  private func write(_ report: (ScheduledTenant, Fault) -> Void) {
    for write in writes {
      guard tenants.indices.contains(write.slot), let tenant = tenants[write.slot], !tenant.isGone else { continue }
      do throws(Fault) {
        try tenant.write(write.limits, on: disk.number)
      } catch {
        report(tenant, error)
      }
    }
  }

  private func count() {
    ticks += 1
    for slot in scheduler.held where heldTicks.indices.contains(slot) { heldTicks[slot] += 1 }
  }
}

extension DeviceReading {
  /// Nothing known.
  static func none(at time: Int64) -> DeviceReading {
    DeviceReading(time: time, completed: PerDirection(read: .zero, write: .zero), latencySum: 0, inFlight: 0)
  }
}
