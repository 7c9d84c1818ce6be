import CgroupKit
import Faults
import Glibc
import IOQoS

/// A group that the scheduler reads and holds back: a tenant's, or one of the host's own.
///
/// Confined to the scheduler's thread. Its `io.max` has no other writer while it lives.
final class ScheduledTenant {
  /// A group's part of what the host is promised as a whole.
  struct HostShare: Equatable {
    var reserved = 0.05
    var weight = 100
  }

  let name: String
  let group: Cgroup
  /// The inode of the group's directory, which is how the kernel's programs name it.
  let identifier: UInt64
  let isHost: Bool
  /// What it was promised, by disk.
  let assignments: [DeviceNumber: IOAssignment]
  /// Its places in the disks' schedulers.
  var slots: [DeviceNumber: IOScheduler.Slot] = [:]
  /// Whether its group has gone, or it was told to have ended.
  var isGone = false
  /// The limits of its `io.max` that aren't the scheduler's, by disk; nil for those of its promise.
  var ownLimits: [DeviceNumber: IOMaxLimits] = [:]
  var hostShare = HostShare()
  /// The faults that were said of it, so that each is said once.
  var said: Set<Fault.Code> = []
  var latencies = LatencyLedger()
  var decisions = DecisionLog()
  /// What was counted of it since it was taken in, by disk.
  var counters: [DeviceNumber: IOMeasures.TenantCounters] = [:]

  private let stat: Reader<Table<IODeviceStat>>
  private let limits: TableWriter<IOMax>

  /// Opens the group's files.
  init(name: String, group: Cgroup, isHost: Bool, assignments: [IOAssignment]) throws(Fault) {
    self.name = name
    self.group = group
    self.isHost = isHost
    var status = Glibc.stat()
    identifier = group.withDescriptor { fstat($0, &status) } == 0 ? UInt64(status.st_ino) : 0
    self.assignments = Dictionary(assignments.map { ($0.disk.number, $0) }) { _, last in last }
    stat = try group.io.stat.reader()
    limits = try group.io.max.writer()
  }

  /// Takes over what was seen of the tenant before its promises changed.
  func goOn(from before: ScheduledTenant) {
    said = before.said
    latencies = before.latencies
    decisions = before.decisions
    counters = before.counters
  }

  /// What it was promised on a disk; without a word of its policy, a neighbour's usual weight.
  func promise(on disk: DeviceNumber) -> Promise {
    if isHost { return .host(share: hostShare.reserved, weight: hostShare.weight) }
    return assignments[disk]?.promise ?? Promise(tenant: name)
  }

  /// The limits that stay when nobody schedules the disk.
  func standing(on disk: DeviceNumber) -> IOMaxLimits { ownLimits[disk] ?? IOMaxLimits(promise(on: disk)) }

  /// What has passed its `io.max` on a disk so far.
  func dispatched(on disk: DeviceNumber) throws(Fault) -> PerDirection<IOCount> {
    guard let entry = try stat.read(lineAbout: disk) else { return PerDirection(read: .zero, write: .zero) }
    func count(_ operations: Count?, _ bytes: Bytes?) -> IOCount {
      IOCount(operations: operations?.rawValue ?? 0, bytes: bytes?.rawValue ?? 0)
    }
    return PerDirection(read: count(entry.rios, entry.rbytes), write: count(entry.wios, entry.wbytes))
  }

  /// The lines of its `io.max`.
  func lines() throws(Fault) -> [IOMax] { try group.io.max.read().entries }

  /// What its `io.max` says about a disk.
  func written(on disk: DeviceNumber) throws(Fault) -> IOMaxLimits {
    try lines().first { $0.device == disk }.map { IOMaxLimits($0) } ?? .none
  }

  /// Sets its line of `io.max`.
  func write(_ asked: IOMaxLimits, on disk: DeviceNumber) throws(Fault) { try limits.write(asked.line(on: disk)) }
}
