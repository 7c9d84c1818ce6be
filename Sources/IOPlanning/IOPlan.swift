import Faults
import IOCalibration
import IOQoS

/// Whether a set of promises can be kept, disk by disk.
public struct IOPlan: Sendable {
  /// A promise and the disk that it is of.
  public struct Entry: Sendable {
    /// The promise.
    public var promise: Promise
    /// The disk.
    public var disk: DiskFacts

    /// Takes both.
    public init(promise: Promise, disk: DiskFacts) {
      self.promise = promise
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
  }

  /// The disks, in the order in which they were first named.
  public var disks: [Disk]

  /// Whether all can be kept.
  public var isAdmitted: Bool { disks.allSatisfy(\.faults.isEmpty) }

  /// Judges promises against calibrations.
  ///
  /// - Parameters:
  ///   - calibration: answers the stored calibration of a disk's id, nil where there is none.
  ///   - now: the time in seconds since 1970.
  public init(
    _ entries: [Entry], now: Int64, calibration: (String) throws(Fault) -> Calibration?
  ) {
    var order: [String] = []
    var sets: [String: (facts: DiskFacts, promises: [Promise])] = [:]
    for entry in entries {
      if sets[entry.disk.number] == nil { order.append(entry.disk.number) }
      sets[entry.disk.number, default: (entry.disk, [])].promises.append(entry.promise)
    }
    disks = order.compactMap { number in
      sets[number].map { Self.judge($0.facts, $0.promises, now: now, calibration: calibration) }
    }
  }

  private static func judge(
    _ facts: DiskFacts, _ promises: [Promise], now: Int64, calibration: (String) throws(Fault) -> Calibration?
  ) -> Disk {
    var disk = Disk(facts: facts, model: nil, promises: promises, verdict: nil, faults: [])
    if facts.promise.level == .none, let reason = facts.promise.reasons.first {
      disk.faults = [
        Fault(
          .ioKeepsNoPromise, "no promise about IO can be kept on \(facts.name): \(reason)",
          mend: "isoctl io devices says what each disk allows")
      ]
      return disk
    }
    do throws(Fault) {
      if let stored = try calibration(facts.id) { disk.model = try DeviceModel(stored) }
    } catch {
      disk.faults = [error]
      return disk
    }
    let verdict = Admission().judge(promises, on: disk.model, present: DeviceIdentity(facts.measured), now: now)
    disk.verdict = verdict
    disk.faults = verdict.refusals.map(\.fault)
    return disk
  }
}

extension Fault.Code {
  /// The disk is of a kind whose IO can't be held to anything.
  public static let ioKeepsNoPromise: Self = "io.keeps-no-promise"
}
