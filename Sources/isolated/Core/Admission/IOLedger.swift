import CgroupKit
import Faults
import IOCalibration
import IOPlanning
import IOQoS
import Policy

/// Sells the disks' time: who was promised what of which disk. A pure value: readings come in, verdicts come out.
struct IOLedger: Sendable {
  /// What is known of a disk when somebody asks for a part of it.
  struct Reading: Sendable {
    /// The disk.
    var disk: IOAssignment.Disk
    /// What it is now.
    var present: DeviceIdentity
    /// The numbers, `major:minor`, of the disk and its partitions.
    var parts: Set<String> = []
    /// Its calibration as it is stored, which may be stale; nil where there is none.
    var stored: DeviceModel?
    /// Why the stored calibration can't be read.
    var unreadable: Fault?

    /// The calibration, where it is of this disk and recent.
    func usable(at now: Int64) -> DeviceModel? {
      stored.flatMap { Admission().staleness(of: $0, present: present, now: now) == nil ? $0 : nil }
    }
  }

  private struct Holding: Sendable {
    var promise: IOQoS.Promise
    var reading: Reading
    /// Counts up: the highest has the newest reading of a disk.
    var number: Int
  }

  private var holdings: [String: [Holding]] = [:]
  private var uses: [String: [FileSystemUse]] = [:]
  /// What tenants held before a change that isn't certain yet; it may have to be given back to them, so it stays sold.
  private var leaving: [String: (holdings: [Holding], uses: [FileSystemUse])] = [:]
  private var last = 0

  /// Takes a tenant in with all that it asks, or with nothing.
  ///
  /// A tenant without reservation and target takes nothing off the others, so it is never refused on their account.
  /// One that is refused keeps what it held before.
  ///
  /// - Parameters:
  ///   - asks: the policy's entries, each on a disk of its own.
  ///   - written: the file systems that it may write to.
  ///   - now: the time in seconds since 1970.
  /// - Throws: what speaks against it, with the numbers, what would fit, and the policy's position.
  mutating func admit(
    _ name: String, asks: [(policy: IODevicePolicy, reading: Reading)], written: [FileSystemUse], now: Int64
  ) throws(Fault) -> [IOAssignment] {
    var taken: [Holding] = []
    for ask in asks {
      let promise = Promise(tenant: name, policy: ask.policy, model: ask.reading.usable(at: now))
      try judge(promise, ask.policy, ask.reading, now)
      taken.append(holding(promise, ask.reading))
    }
    return keep(name, taken, written, now)
  }

  /// Changes what a tenant holds to all that it asks, or not at all. ``settle(_:)`` or ``takeBack(_:)`` must follow.
  ///
  /// - Throws: as ``admit(_:asks:written:now:)``.
  mutating func change(
    _ name: String, asks: [(policy: IODevicePolicy, reading: Reading)], written: [FileSystemUse], now: Int64
  ) throws(Fault) -> [IOAssignment] {
    let before = (holdings[name] ?? [], uses[name] ?? [])
    let assignments = try admit(name, asks: asks, written: written, now: now)
    leaving[name] = before
    return assignments
  }

  /// Makes a change certain.
  mutating func settle(_ name: String) { leaving[name] = nil }

  /// Undoes a change.
  mutating func takeBack(_ name: String) {
    guard let before = leaving.removeValue(forKey: name) else { return }
    holdings[name] = before.holdings.isEmpty ? nil : before.holdings
    uses[name] = before.uses.isEmpty ? nil : before.uses
  }

  /// Takes a tenant in that runs already, whatever the disks have become meanwhile: see ``faults(of:now:)``.
  mutating func adopt(
    _ name: String, promises: [(promise: IOQoS.Promise, reading: Reading)], written: [FileSystemUse], now: Int64
  ) -> [IOAssignment] {
    keep(name, promises.map { holding($0.promise, $0.reading) }, written, now)
  }

  /// Gives back what a tenant held.
  mutating func release(_ name: String) {
    holdings[name] = nil
    uses[name] = nil
    leaving[name] = nil
  }

  /// The disks of which something was promised.
  var disks: Set<IOAssignment.Disk> { Set(holdings.values.joined().map(\.reading.disk)) }

  /// The part of each disk's time that was sold as reservations, by the disk's name, of those with a calibration that
  /// can be used; 1 is the whole disk.
  func sold(now: Int64) -> [String: Double] {
    var models: [IOAssignment.Disk: DeviceModel] = [:]
    for disk in disks { models[disk] = newest(of: disk)?.usable(at: now) }
    var sold = Dictionary(models.map { ($0.key.name, 0.0) }) { first, _ in first }
    for holding in holdings.values.joined() {
      guard let model = models[holding.reading.disk] else { continue }
      sold[holding.reading.disk.name, default: 0] +=
        holding.promise.reservedTime(by: model.cost) / CostModel.wholeDevice
    }
    return sold
  }

  /// What speaks against the promises of a disk as they are now: a calibration that became stale, less capacity than
  /// was sold. Nobody loses a promise for it.
  func faults(of disk: IOAssignment.Disk, now: Int64) -> [Fault] {
    guard let reading = newest(of: disk) else { return [] }
    if let unreadable = reading.unreadable { return [unreadable] }
    let held = holdings.values.joined().filter { $0.reading.disk == disk }
    let promises = held.sorted { $0.number < $1.number }.map(\.promise)
    let verdict = Admission().judge(promises, on: reading.stored, present: reading.present, now: now)
    let stale = reading.stored.flatMap { Admission().staleness(of: $0, present: reading.present, now: now) }
    let refusals =
      verdict.refusals.contains { $0 == stale } ? verdict.refusals : [stale].compactMap { $0 } + verdict.refusals
    return refusals.map(\.fault)
  }

  /// A sentence for each file system on a disk on which an fsync waits for what others wrote.
  ///
  /// - Parameter host: what the host itself writes to.
  func sharedFileSystems(of disk: IOAssignment.Disk, host: [FileSystemUse]) -> [String] {
    let parts = newest(of: disk)?.parts ?? []
    let here = (host + uses.values.joined()).filter { parts.contains(FileSystemNumber.text($0.fileSystem)) }
    return FileSystemUse.warnings(here, withoutTarget: false)
  }

  private func newest(of disk: IOAssignment.Disk) -> Reading? {
    holdings.values.joined().filter { $0.reading.disk == disk }.max { $0.number < $1.number }?.reading
  }

  private func judge(
    _ promise: IOQoS.Promise, _ policy: IODevicePolicy, _ reading: Reading, _ now: Int64
  ) throws(Fault) {
    let needsModel = !promise.reservation.isEmpty || !promise.targets.isEmpty
    if needsModel, let unreadable = reading.unreadable {
      var fault = unreadable
      fault.position = policy.reservation?.position ?? policy.latency?.position ?? policy.device.position
      throw fault
    }
    let others = held(besides: promise.tenant).filter { $0.reading.disk == reading.disk }.map(\.promise)
    let verdict = Admission().judge(
      others + [promise], on: reading.stored, present: reading.present, now: now, asking: others.count)
    let own = verdict.refusals.filter { $0.tenant == promise.tenant || ($0.tenant == nil && needsModel) }
    guard var first = own.first?.fault(for: policy) else { return }
    first.others = own.dropFirst().map { $0.fault(for: policy) }
    throw first
  }

  /// What all others hold; of one that is being changed, both.
  private func held(besides name: String) -> [Holding] {
    holdings.filter { $0.key != name }.flatMap(\.value) + leaving.filter { $0.key != name }.flatMap(\.value.holdings)
  }

  private mutating func holding(_ promise: IOQoS.Promise, _ reading: Reading) -> Holding {
    last += 1
    return Holding(promise: promise, reading: reading, number: last)
  }

  private mutating func keep(
    _ name: String, _ taken: [Holding], _ written: [FileSystemUse], _ now: Int64
  ) -> [IOAssignment] {
    holdings[name] = taken.isEmpty ? nil : taken
    uses[name] = written.isEmpty ? nil : written
    return taken.map {
      IOAssignment(tenant: name, disk: $0.reading.disk, promise: $0.promise, model: $0.reading.usable(at: now))
    }
  }
}
