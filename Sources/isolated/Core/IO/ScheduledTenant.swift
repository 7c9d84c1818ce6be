import CgroupKit
import Faults
import Glibc
import IOQoS

/// A group that the scheduler reads and holds back: a tenant's, or one of the host's own.
///
/// Confined to the scheduler's thread. Its `io.max` has no other writer while it lives.
final class ScheduledTenant {
  let name: String
  let group: Cgroup
  /// The inode of the group's directory, which is how the kernel's programs name it.
  let identifier: UInt64
  let isHost: Bool
  /// What it was promised, by disk.
  let assignments: [DeviceNumber: IOAssignment]
  /// Its places in the disks' schedulers.
  var slots: [DeviceNumber: IOScheduler.Slot] = [:]
  /// Whether its group has gone although nobody has said so yet.
  var isGone = false
  /// The limits of its `io.max` that aren't the scheduler's, by disk; nil for those of its promise.
  var ownLimits: [DeviceNumber: IOMaxLimits] = [:]
  /// This group's part of what the host is promised as a whole.
  var hostShare = (reserved: 0.05, weight: 100)
  /// The last fault that was said of it, so that it is said once.
  var lastFault: Fault.Code?
  var latencies = LatencyLedger()
  var decisions = DecisionLog()

  private let stat: Reader<Table<IODeviceStat>>
  private let limits: TableWriter<IOMax>
  private var entries: [IODeviceStat] = []

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

  /// What it was promised on a disk; without a word of its policy, a neighbour's usual weight.
  func promise(on disk: DeviceNumber) -> Promise {
    if isHost { return .host(share: hostShare.reserved, weight: hostShare.weight) }
    return assignments[disk]?.promise ?? Promise(tenant: name)
  }

  /// The limits that stay when nobody schedules the disk.
  func standing(on disk: DeviceNumber) -> IOMaxLimits { ownLimits[disk] ?? IOMaxLimits(promise(on: disk)) }

  /// What has passed its `io.max` on a disk so far.
  func dispatched(on disk: DeviceNumber) throws(Fault) -> PerDirection<IOCount> {
    try stat.read(into: &entries)
    guard let entry = entries.first(where: { $0.device == disk }) else {
      return PerDirection(read: .zero, write: .zero)
    }
    func count(_ operations: Count?, _ bytes: Bytes?) -> IOCount {
      IOCount(operations: operations?.rawValue ?? 0, bytes: bytes?.rawValue ?? 0)
    }
    return PerDirection(read: count(entry.rios, entry.rbytes), write: count(entry.wios, entry.wbytes))
  }

  /// What its `io.max` says about a disk.
  func written(on disk: DeviceNumber) throws(Fault) -> IOMaxLimits {
    try group.io.max.read()[disk].map { IOMaxLimits($0) } ?? .none
  }

  /// Sets its line of `io.max`.
  func write(_ asked: IOMaxLimits, on disk: DeviceNumber) throws(Fault) {
    // The kernel takes nothing below 2.
    func operations(_ value: UInt64?) -> CgroupKit.Limit<Count> { value.map { .at(Count(max(2, $0))) } ?? .max }
    func bytes(_ value: UInt64?) -> CgroupKit.Limit<Bytes> { value.map { .at(Bytes(max(2, $0))) } ?? .max }
    let (read, write) = (asked.limits.read, asked.limits.write)
    try limits.write(
      IOMax(
        device: disk, rbps: bytes(read.bytes), wbps: bytes(write.bytes), riops: operations(read.operations),
        wiops: operations(write.operations)))
  }
}
