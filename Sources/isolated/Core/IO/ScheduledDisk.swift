import CgroupKit
import Faults
import IOQoS

/// A disk under the scheduler: its counters, its scheduler, and who shares it. Confined to the scheduler's thread.
final class ScheduledDisk {
  let disk: IOAssignment.Disk
  var scheduler: IOScheduler
  /// By slot.
  private(set) var tenants: [ScheduledTenant?] = []
  /// By slot: in how many decisions of this second a tenant was held back.
  private(set) var heldTicks: [Int] = []
  private(set) var ticks = 0
  /// When the next decision is due.
  var nextTick: Int64
  /// Why the disk can't be read at present; nil while it can.
  private(set) var outage: Fault?
  /// Figures of the last whole second, for people.
  var second = Second()

  /// What a second showed.
  struct Second {
    var ticks = 0
    var heldTicks: [Int] = []
    var rates = PerDirection(read: Work.none, write: Work.none)
    var reading: DeviceReading?
  }

  private let hosts: HostLimits
  private var counters: DiskCounters?
  private var last: DeviceReading?
  private var quietSince: Int64?
  private var writes: [IOScheduler.Write] = []

  /// After so long without any IO nothing is decided until there is some, in nanoseconds: by then nobody is held back.
  private static let quietPatience: Int64 = 3_000_000_000

  init(_ disk: IOAssignment.Disk, model: DeviceModel?, capacity: Double?, hosts: HostLimits, now: Int64) {
    self.disk = disk
    self.hosts = hosts
    scheduler = IOScheduler(model: model, capacity: capacity)
    nextTick = now
    reopen()
  }

  /// Whether anything was promised here that takes a scheduler.
  var isNeeded: Bool { tenants.contains { $0?.assignments[disk.number] != nil } }

  /// The last reading.
  var reading: DeviceReading? { last }

  /// Begins anew with a disk that came back: the kernel has forgotten every line about it.
  func restart(report: (ScheduledTenant, Fault) -> Void) {
    reopen()
    guard outage == nil else { return }
    scheduler = IOScheduler(model: scheduler.model)
    let before = tenants
    tenants = []
    heldTicks = []
    last = nil
    for case let tenant? in before {
      do throws(Fault) { try begin(tenant) } catch { report(tenant, error) }
    }
  }

  private func reopen() {
    do throws(Fault) {
      counters = try DiskCounters(disk.number)
      outage = nil
    } catch {
      outage = error
    }
  }

  /// Takes a tenant in.
  func begin(_ tenant: ScheduledTenant) throws(Fault) {
    let written = try tenant.written(on: disk.number)
    if tenant.isHost, tenant.ownLimits[disk.number] == nil {
      tenant.ownLimits[disk.number] = try hosts.limits(of: tenant.name, on: disk.number, present: written)
    }
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

  /// Lets a tenant go.
  func end(_ tenant: ScheduledTenant) {
    guard let slot = tenant.slots.removeValue(forKey: disk.number), tenants.indices.contains(slot) else { return }
    scheduler.end(slot)
    tenants[slot] = nil
  }

  /// Reads, decides and writes.
  ///
  /// - Throws: the disk's fault. A tenant's own goes to `report`.
  func tick(at now: Int64, report: (ScheduledTenant, Fault) -> Void) throws(Fault) {
    defer { nextTick = max(nextTick + scheduler.times.tick, now + scheduler.times.tick / 2) }
    guard counters != nil else { return }
    let reading: DeviceReading
    do throws(Fault) {
      reading = try counters?.read(at: now) ?? DeviceReading.none(at: now)
    } catch {
      counters = nil
      outage = error
      throw error
    }
    guard !isQuiet(reading) else { return }
    for slot in scheduler.due(at: now) { read(slot, at: now, report) }
    scheduler.decide(reading, into: &writes)
    write(report)
    count()
  }

  /// Ends a second of counting.
  func closeSecond(at now: Int64) {
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
    } else {
      second.rates = PerDirection(read: .none, write: .none)
    }
    second.reading = last
    second.ticks = ticks
    second.heldTicks = heldTicks
    ticks = 0
    for slot in heldTicks.indices { heldTicks[slot] = 0 }
  }

  /// Leaves limits behind under which the promises hold as well as they can without a scheduler.
  func leaveStandingLimits(report: (ScheduledTenant, Fault) -> Void) {
    guard outage == nil else { return }
    writes = scheduler.standingLimits()
    write(report)
    for case let host? in tenants where host.isHost {
      do throws(Fault) { try hosts.forget(host.name, on: disk.number) } catch { report(host, error) }
    }
  }

  /// Takes back what the scheduler wrote: what is left is the tenants' own limits.
  func release(report: (ScheduledTenant, Fault) -> Void) {
    guard outage == nil else { return }
    for tenant in tenants {
      guard let tenant, !tenant.isGone else { continue }
      do throws(Fault) {
        try tenant.write(tenant.standing(on: disk.number), on: disk.number)
        if tenant.isHost { try hosts.forget(tenant.name, on: disk.number) }
      } catch {
        report(tenant, error)
      }
    }
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
    for slot in tenants.indices where tenants[slot] != nil && scheduler.isHeld(slot) { heldTicks[slot] += 1 }
  }
}

extension DeviceReading {
  /// Nothing known.
  static func none(at time: Int64) -> DeviceReading {
    DeviceReading(time: time, completed: PerDirection(read: .zero, write: .zero), latencySum: 0, inFlight: 0)
  }
}
