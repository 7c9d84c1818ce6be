import CgroupKit
import ControlProtocol
import Faults
import Glibc

extension Supervisor {
  func usage(peer: ControlPeer) async throws(Fault) -> Usage.Reply {
    let shown = tenants.values.filter {
      $0.exit == nil && $0.group != nil && (peer.uid == 0 || $0.record.owner == peer.uid)
    }
    .sorted { $0.record.name < $1.record.name }
    let pids = Dictionary(shown.map { ($0.record.name, Int($0.record.pid)) }) { first, _ in first }
    let hasIO = parts.groups.controllers.contains(.io)
    let snapshots = shown.map { TenantSnapshot($0) }
    return await parts.lookouts.answer {
      // Nothing stays open from one look to the next.
      let collected = TenantCollector(mostKept: 0).collect(snapshots)
      return Usage.Reply(
        clockUsec: BootClock.microseconds(), processors: max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))),
        tenants: collected.map { TenantUsage($0, pid: pids[$0.snapshot.name] ?? 0, hasIO: hasIO) })
    }
  }
}

extension TenantUsage {
  fileprivate init(_ tenant: CollectedTenant, pid: Int, hasIO: Bool) {
    let (snapshot, readings) = (tenant.snapshot, tenant.readings)
    self.init(name: snapshot.name, state: snapshot.state, pid: pid)
    func whole(_ value: UInt64?) -> Int? { value.map { Int(clamping: $0) } }
    cpuUsec = whole(readings.cpu?.usage.rawValue)
    cpuMaxPercent = snapshot.processors.flatMap { Int(exactly: min($0 * 100, 1e9).rounded()) }
    cpuPeriods = whole(readings.cpu?.periods?.rawValue)
    cpuThrottledPeriods = whole(readings.cpu?.throttledPeriods?.rawValue)
    memoryBytes = whole(readings.memory)
    memoryMaxBytes = whole(snapshot.maximumMemory)
    pids = whole(readings.pids)
    pidsMax = whole(snapshot.limit("pids.max").flatMap { UInt64($0) })
    if hasIO {
      func sum(_ bytes: (IODeviceStat) -> Bytes?) -> Int {
        Int(clamping: readings.io.reduce(UInt64(0)) { $0 &+ (bytes($1)?.rawValue ?? 0) })
      }
      ioReadBytes = sum(\.rbytes)
      ioWriteBytes = sum(\.wbytes)
    }
    func wait(_ resource: PressureResource) -> Int? {
      whole(readings.pressures.first { $0.resource == resource }?.pressure.some?.total.rawValue)
    }
    (cpuWaitUsec, memoryWaitUsec, ioWaitUsec) = (wait(.cpu), wait(.memory), wait(.io))
  }
}
