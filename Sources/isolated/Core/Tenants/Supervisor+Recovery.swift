import CLinux
import CgroupKit
import Faults
import Kernel

extension Supervisor {
  /// Takes over what an earlier daemon left: running tenants are watched again, also where their record is lost, ended
  /// ones are settled, and what else is there belongs to starts that were cut off and is removed.
  func recover() async {
    isRecovering = true
    do throws(Fault) {
      let (records, damaged) = try parts.store.load()
      for fault in damaged { parts.log.error("state is damaged", metadata: ["fault": "\(fault)"]) }
      for record in records { await adopt(record) }
    } catch {
      parts.log.error("the tenants' records can't be read", metadata: ["fault": "\(error)"])
    }
    do throws(Fault) {
      for name in try strangers() { await settleStranger(name) }
      for (disk, warnings) in parts.ioAdmission.warnings() {
        for warning in warnings { parts.log.warning("disk", metadata: ["disk": "\(disk)", "warning": "\(warning)"]) }
      }
      try parts.store.removeStrays()
      try parts.bandwidth.removeStrays(keeping: Set(tenants.values.filter { $0.process != nil }.map(\.record.name)))
    } catch {
      parts.log.error("recovery is incomplete", metadata: ["fault": "\(error)"])
    }
    do throws(Fault) {
      try await parts.threads.run { [parts] () throws(Fault) in try parts.protection.settle() }
    } catch {
      parts.log.error("recovery is incomplete", metadata: ["fault": "\(error)"])
    }
    // Last: whatever a start that was cut off has left under a tenant's name is gone now, and the ends of checks'
    // commands are seen from here on.
    isRecovering = false
    for (name, tenant) in tenants {
      if tenant.isBackingOff {
        awaitRestart(of: name)
      } else if tenant.process != nil {
        followHealth(ofAdopted: name)
      }
    }
  }

  private func adopt(_ saved: TenantRecord) async {
    var record = saved
    // Its client went with the connection to the earlier daemon: it is kept like any other from now on.
    record.isForeground = false
    if let exit = record.exit {
      if adoptBackingOff(record) { return }
      tenants[record.name] = Tenant(record: record, phase: .ended(exit))
      return
    }
    let group = try? Cgroup(path: record.group)
    finishUpdate(&record, group)
    let process = Self.process(record)
    let protection = process.flatMap { _ in
      parts.protection.adopt(.init(files: record.limits.map { ($0.file, $0.text) }))
    }
    tenants[record.name] = Tenant(
      record: record, phase: .running, group: group, process: process, protection: protection,
      isFrozen: Self.isFrozen(group))
    memory.adopt(record.name, reserved: record.reservedMemory, maximum: record.maximumMemory)
    // Also of one that has ended meanwhile: if it backs off now, its part of the disks stays its own.
    let assignments = record.io.map { parts.ioAdmission.adopt(record.name, $0) } ?? []
    guard let process else {
      await ended(record.name, pid: record.pid)
      parts.audit.record(AuditRecord(.settle, tenant: record.name).with(.cause, Self.cause(tenants[record.name])))
      return
    }
    if let group { parts.io.begin(record.name, group: group, assignments: assignments) }
    do throws(Fault) {
      try watch(record.name, process)
      parts.audit.record(AuditRecord(.adopt, tenant: record.name).with(.tenantPID, record.pid))
      parts.log.info("adopted", metadata: ["tenant": "\(record.name)", "pid": "\(record.pid)"])
    } catch {
      parts.log.error("cannot watch a tenant", metadata: ["tenant": "\(record.name)", "fault": "\(error)"])
    }
  }

  private static func cause(_ tenant: Tenant?) -> String { tenant?.exit?.cause.rawValue ?? "unknown" }

  /// The process of a record, if it is still that one: the pidfd is opened first, so that the pid can't be reused
  /// between the look and the use.
  private static func process(_ record: TenantRecord) -> SharedDescriptor? {
    let number = clinux_pidfd_open(record.pid, 0)
    guard number >= 0 else { return nil }
    let process = SharedDescriptor(owning: number)
    return ProcessIdentity.startTicks(of: record.pid) == record.startTicks ? process : nil
  }

  /// The names of groups that belong to no tenant that is known to run.
  private func strangers() throws(Fault) -> [String] {
    let known = Set(tenants.values.filter { $0.exit == nil && !$0.isBackingOff }.map(\.record.name))
    return try parts.groups.root.childNames().filter { !known.contains($0) && $0 != "supervisor" }
  }

  /// Takes over a tenant whose record is lost, or removes what a start has left that was cut off.
  private func settleStranger(_ name: String) async {
    do throws(Fault) {
      let group = try parts.groups.root.child(name)
      if tenants[name] == nil, let lost = LostTenant(in: group) {
        let record = TenantRecord(lost, name: name, group: group, logPlace: parts.logs.place(of: name))
        parts.log.error(
          "a tenant's record is lost; it is kept by what its group tells", metadata: ["tenant": "\(name)"])
        await adopt(record)
        save(record)
        return
      }
      try await group.removeTree(killing: true)
      parts.audit.record(AuditRecord(.undo, tenant: name))
      parts.log.warning("removed the group of a start that was cut off", metadata: ["tenant": "\(name)"])
    } catch {
      parts.log.error("cannot settle a group", metadata: ["tenant": "\(name)", "fault": "\(error)"])
    }
  }
}
