import Faults
import IOCalibration
import IOQoS
import Policy

/// Whether a set of promises can be kept, disk by disk.
public struct IOPlan: Sendable {
  /// What a tenant's policy asks of a disk.
  public struct Entry: Sendable {
    /// The tenant.
    public var tenant: String
    /// What is asked.
    public var policy: IODevicePolicy
    /// The disk.
    public var disk: DiskFacts

    /// Takes all three.
    public init(tenant: String, policy: IODevicePolicy, disk: DiskFacts) {
      self.tenant = tenant
      self.policy = policy
      self.disk = disk
    }
  }

  /// One disk with what is promised of it.
  public struct Disk: Sendable {
    /// The disk.
    public var facts: DiskFacts
    /// Its calibration; nil where there is none that can be used.
    public var model: DeviceModel?
    /// The promises, in the order in which they came.
    public var promises: [Promise]
    /// What admission says; nil where the disk keeps no promise.
    public var verdict: AdmissionVerdict?
    /// What speaks against the set; empty where it fits.
    public var faults: [Fault]
    /// What weakens the promises although they fit, in sentences.
    public var warnings: [String]
  }

  /// The disks, in the order in which they were first named.
  public var disks: [Disk]

  /// Whether all can be kept.
  public var isAdmitted: Bool { disks.allSatisfy(\.faults.isEmpty) }

  /// Judges policies against calibrations.
  ///
  /// - Parameters:
  ///   - writers: who writes to which file system, also those without an entry.
  ///   - calibration: answers the stored calibration of a disk's id, nil where there is none.
  ///   - now: the time in seconds since 1970.
  public init(
    _ entries: [Entry], writers: [FileSystemUse] = [], now: Int64,
    calibration: (String) throws(Fault) -> Calibration?
  ) {
    var order: [String] = []
    var sets: [String: [Entry]] = [:]
    for entry in entries {
      if sets[entry.disk.number] == nil { order.append(entry.disk.number) }
      sets[entry.disk.number, default: []].append(entry)
    }
    disks = order.compactMap { number in
      guard let set = sets[number], let facts = set.first?.disk else { return nil }
      var disk = Self.judge(facts, set, now: now, calibration: calibration)
      disk.warnings = FileSystemUse.warnings(
        writers.filter { facts.holds(fileSystem: $0.fileSystem) }, withoutTarget: true)
      return disk
    }
  }

  private static func judge(
    _ facts: DiskFacts, _ entries: [Entry], now: Int64, calibration: (String) throws(Fault) -> Calibration?
  ) -> Disk {
    var model: DeviceModel?
    var unreadable: Fault?
    do throws(Fault) {
      if let stored = try calibration(facts.id) { model = try DeviceModel(stored) }
    } catch {
      unreadable = error
    }
    let present = DeviceIdentity(facts.measured)
    let usable = model.flatMap { Admission().staleness(of: $0, present: present, now: now) == nil ? $0 : nil }
    let promises = entries.map { Promise(tenant: $0.tenant, policy: $0.policy, model: usable) }
    var disk = Disk(facts: facts, model: model, promises: promises, verdict: nil, faults: [], warnings: [])
    if let refusal = facts.refusal {
      disk.faults = [refusal]
    } else if let unreadable {
      disk.faults = [unreadable]
    } else {
      let verdict = Admission().judge(promises, on: model, present: present, now: now)
      disk.verdict = verdict
      disk.faults = verdict.refusals.map { refusal in
        guard let entry = entries.first(where: { $0.tenant == refusal.tenant }) else { return refusal.fault }
        return refusal.fault(for: entry.policy)
      }
    }
    return disk
  }
}

extension DiskFacts {
  /// Why no promise at all can be kept on the disk; nil where some can.
  public var refusal: Fault? {
    guard promise.level == .none, let reason = promise.reasons.first else { return nil }
    return Fault(
      .ioKeepsNoPromise, "no promise about IO can be kept on \(name): \(reason)",
      mend: "isoctl io devices says what each disk allows")
  }

  /// Whether a file system, by ``FileSystemNumber``, lies on the disk itself or on one of its partitions.
  public func holds(fileSystem: UInt64) -> Bool {
    let text = FileSystemNumber.text(fileSystem)
    return number == text || partitions.contains { $0.number == text }
  }
}

extension Fault.Code {
  /// The disk is of a kind whose IO can't be held to anything.
  public static let ioKeepsNoPromise: Self = "io.keeps-no-promise"
}
