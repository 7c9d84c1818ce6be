import CgroupKit
import Faults
import Glibc
import IOCalibration
import IOPlanning
import IOQoS
import Kernel
import Policy

extension Fault.Code {
  /// A disk of which something was promised has gone.
  public static let ioDiskSwapped: Self = "io.disk-swapped"
}

/// Admission to the disks: reads what is known of them and asks the ``IOLedger``. To admit and to adopt reads files.
struct IOAdmission: Sendable {
  /// What a tenant was admitted with.
  struct Admitted: Sendable {
    var assignments: [IOAssignment]
    var record: IORecord
    /// Entries on disks that keep no promise; they were left out.
    var notEnforceable: [Fault]
  }

  private let ledger = Guarded(IOLedger())
  private let host = FileSystemUse.host()
  private let calibrations: String
  private let facts: @Sendable (BlockDevice) -> DiskFacts?
  private let now: @Sendable () -> Int64

  /// Takes the directory of the calibrations.
  init(
    calibrations: String, facts: @escaping @Sendable (BlockDevice) -> DiskFacts? = { DiskFacts.named($0.name) },
    now: @escaping @Sendable () -> Int64 = { Int64(time(nil)) }
  ) {
    self.calibrations = calibrations
    self.facts = facts
    self.now = now
  }

  /// Takes a tenant in with all that its policy asks of disks, or with nothing.
  ///
  /// - Throws: what speaks against it, with the policy's position.
  func admit(_ name: String, _ policy: TenantPolicy, places: [IOPlace]) throws(Fault) -> Admitted {
    let asked = try read(name, policy, places)
    let now = now()
    return asked.admitted(
      with: try ledger.withLock { ledger throws(Fault) in
        try ledger.admit(name, asks: asked.asks, written: asked.written, now: now)
      })
  }

  /// Has a tenant that runs hold all that its new policy asks of disks, or what it has; ``settle(_:)`` or
  /// ``takeBack(_:)`` must follow.
  ///
  /// - Throws: what speaks against it, with the policy's position.
  func change(_ name: String, _ policy: TenantPolicy, places: [IOPlace]) throws(Fault) -> Admitted {
    let asked = try read(name, policy, places)
    let now = now()
    return asked.admitted(
      with: try ledger.withLock { ledger throws(Fault) in
        try ledger.change(name, asks: asked.asks, written: asked.written, now: now)
      })
  }

  /// What ``change(_:_:places:)`` would answer; nothing changes.
  func judge(_ name: String, _ policy: TenantPolicy, places: [IOPlace]) throws(Fault) -> Admitted {
    let asked = try read(name, policy, places)
    let now = now()
    var ledger = ledger.withLock { $0 }
    return asked.admitted(with: try ledger.change(name, asks: asked.asks, written: asked.written, now: now))
  }

  /// Makes a change certain.
  func settle(_ name: String) { ledger.withLock { $0.settle(name) } }

  /// Undoes a change.
  func takeBack(_ name: String) { ledger.withLock { $0.takeBack(name) } }

  /// What a policy asks, with what is known of the disks.
  private struct Asked: Sendable {
    var asks: [(policy: IODevicePolicy, reading: IOLedger.Reading)] = []
    var written: [FileSystemUse] = []
    var notEnforceable: [Fault] = []

    func admitted(with assignments: [IOAssignment]) -> Admitted {
      let entries = zip(assignments, asks).map { assignment, ask in
        IORecord.Entry(
          path: ask.policy.device.value, disk: assignment.disk, promise: assignment.promise,
          priorityClass: ask.policy.priorityClass?.value.rawValue)
      }
      return Admitted(
        assignments: assignments, record: IORecord(entries: entries, written: written), notEnforceable: notEnforceable)
    }
  }

  private func read(_ name: String, _ policy: TenantPolicy, _ places: [IOPlace]) throws(Fault) -> Asked {
    var asks: [(policy: IODevicePolicy, reading: IOLedger.Reading)] = []
    var known: [(policy: IODevicePolicy, disk: DiskFacts)] = []
    var refused: [Fault] = []
    for place in places {
      guard let facts = facts(place.disk) else {
        throw Fault(
          .noDisk, "the disk \(place.disk.name) has gone", path: place.policy.device.value,
          position: place.policy.device.position)
      }
      if var refusal = facts.refusal {
        refusal.path = place.policy.device.value
        refusal.position = place.policy.device.position
        refused.append(refusal)
        continue
      }
      known.append((place.policy, facts))
      asks.append((place.policy, reading(place.disk, facts)))
    }
    return Asked(
      asks: asks, written: FileSystemUse.uses(of: policy, as: name, entries: known), notEnforceable: refused)
  }

  /// Takes a tenant in that runs already.
  func adopt(_ name: String, _ record: IORecord) -> [IOAssignment] {
    let promises = record.entries.map { entry in
      let disk = BlockDevice(number: entry.disk.number, name: entry.disk.name)
      var reading = IOLedger.Reading(
        disk: entry.disk, present: DeviceIdentity(serial: entry.disk.id, model: "", size: 0))
      if let facts = facts(disk), facts.number == "\(disk.number)", facts.id == entry.disk.id {
        reading = self.reading(disk, facts)
      } else {
        reading.unreadable = Fault(
          .ioDiskSwapped, "the disk \(entry.disk.name) (\(entry.disk.id)) has gone, or another took its place",
          path: entry.path, mend: "spawn \(name) again once its disk is there")
      }
      return (promise: entry.promise, reading: reading)
    }
    let now = now()
    return ledger.withLock { $0.adopt(name, promises: promises, written: record.written, now: now) }
  }

  /// Gives back what a tenant held.
  func release(_ name: String) { ledger.withLock { $0.release(name) } }

  /// The part of each disk's time that was sold as reservations, by the disk's name, as ``IOLedger/sold(now:)``.
  func sold() -> [String: Double] {
    let now = now()
    return ledger.withLock { $0.sold(now: now) }
  }

  /// What weakens the promises of all disks, by the disk's name, as ``warnings(of:)`` has it.
  func warnings() -> [(disk: String, warnings: [String])] {
    let disks = ledger.withLock { $0.disks }.sorted { $0.number < $1.number }
    return disks.map { ($0.name, warnings(of: $0)) }.filter { !$0.warnings.isEmpty }
  }

  /// What weakens the promises of the disk of a number, in sentences: a calibration that can't be used, less capacity
  /// than was sold, file systems on which an fsync waits for others.
  func warnings(of number: String) -> [String] {
    let disks = ledger.withLock { $0.disks }.filter { "\($0.number)" == number }
    return disks.sorted { $0.id < $1.id }.flatMap { warnings(of: $0) }
  }

  private func warnings(of disk: IOAssignment.Disk) -> [String] {
    let now = now()
    return ledger.withLock { ledger in
      let faults = ledger.faults(of: disk, now: now).map { fault in
        fault.mend.map { "\(fault.message); \($0)" } ?? fault.message
      }
      return faults + ledger.sharedFileSystems(of: disk, host: host)
    }
  }

  private func reading(_ disk: BlockDevice, _ facts: DiskFacts) -> IOLedger.Reading {
    var reading = IOLedger.Reading(
      disk: .init(number: disk.number, name: disk.name, id: facts.id), present: DeviceIdentity(facts.measured),
      parts: Set([facts.number] + facts.partitions.map(\.number)))
    do throws(Fault) {
      if let calibration = try CalibrationStore.load(id: facts.id, in: calibrations) {
        reading.stored = try DeviceModel(calibration)
      }
    } catch {
      reading.unreadable = error
    }
    return reading
  }
}
