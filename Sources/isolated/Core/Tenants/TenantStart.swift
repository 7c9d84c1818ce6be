import CgroupKit
import ControlProtocol
import Faults
import Glibc
import Kernel
import Policy
import Sandbox

/// One start from admission to execve: everything that touches the kernel, in order, and undone in reverse.
struct TenantStart: Sendable {
  var name: String
  var built: SpecBuilder.Built
  var limits: [AskedLimit]
  var devices: [DevicePolicy]
  var isStrict: Bool
  var notEnforced: [String]
  var io: IORecord?
  var assignments: [IOAssignment]
  var times: SpawnTimes
  var disk: DiskBound.Asked
  /// Its share of memory bandwidth; nil for no bound.
  var bandwidthPercent: UInt64?

  /// A tenant that runs.
  struct Launched: Sendable {
    var record: TenantRecord
    var group: Cgroup
    var process: SharedDescriptor
    var assignments: [IOAssignment]
    var times: SpawnTimes
    var protection: MemoryProtection.Promise?
  }

  /// Makes the group with its limits, starts the tenant in it, and records it before its command runs. Blocks.
  func launch(
    record initial: TenantRecord, streams: [SharedDescriptor]?, parts: SupervisorParts
  ) throws(Fault) -> Launched {
    var record = initial
    record.notEnforced = notEnforced
    let protection = try protect(&record, parts.protection)
    do throws(Fault) {
      let group = try parts.groups.make(name, limits: limits)
      var times = times
      times.end(.group)
      do throws(Fault) {
        var launched = try launch(in: group, record: record, streams: streams, parts: parts, times: times)
        launched.protection = protection
        return launched
      } catch {
        takeBack("group", parts) { () throws(Fault) in try Self.remove(group) }
        // A count that takes longer than a start waits must not begin anew with the next.
        if error.code != .diskBeingCounted {
          takeBack("bound on disk space", parts) { () throws(Fault) in try disk.bound?.end() }
        }
        if bandwidthPercent != nil {
          takeBack("group of resctrl", parts) { () throws(Fault) in try parts.bandwidth.remove(name) }
        }
        throw error
      }
    } catch {
      if let protection {
        parts.protection.release(protection)
        takeBack("protection of memory", parts) { () throws(Fault) in try parts.protection.settle() }
      }
      throw error
    }
  }

  /// Why a start has failed is what its caller has to hear: what can't be taken back of it is for the log.
  private func takeBack(_ what: String, _ parts: SupervisorParts, _ body: () throws(Fault) -> Void) {
    do throws(Fault) {
      try body()
    } catch {
      parts.log.error(
        "cannot take back what a start had that failed",
        metadata: ["tenant": "\(name)", "what": "\(what)", "fault": "\(error)"])
    }
  }

  /// Has the groups above carry what the tenant is promised of memory, before its own group gets it.
  private func protect(
    _ record: inout TenantRecord, _ protection: MemoryProtection
  ) throws(Fault) -> MemoryProtection.Promise? {
    do throws(Fault) {
      return try protection.promise(.init(files: limits.map { ($0.file, $0.text) }))
    } catch {
      if isStrict { throw error }
      record.notEnforced.append(error.message)
      return nil
    }
  }

  private func launch(
    in group: Cgroup, record initial: TenantRecord, streams: [SharedDescriptor]?, parts: SupervisorParts,
    times: consuming SpawnTimes
  ) throws(Fault) -> Launched {
    let directory = try group.openDirectory()
    let exitFile = try parts.store.makeExitFile(name)
    let listener = try built.spec.terminal.map { _ throws(Fault) in
      try AttachSocket.listen(parts.store.path(name, AttachSocket.suffix))
    }
    var sink: (descriptor: SharedDescriptor, isJournal: Bool)?
    if built.spec.logs != nil { sink = try parts.logs.open(name, range: built.spec.identityRange) }
    var record = initial
    record.group = group.path
    record.firstIdentity = built.spec.identityRange.first
    record.limits = limits.map { .init(file: $0.file, text: $0.text) }
    record.capabilities = built.capabilities
    record.seccomp = built.seccomp
    record.io = io
    record.landlock = built.landlock
    record.disk = disk.bound
    try DiskBound.lift(disk.lifted, range: built.spec.identityRange)
    try disk.bound?.apply()
    if let bandwidthPercent {
      record.bandwidthPercent = bandwidthPercent
      try parts.bandwidth.make(name, percent: bandwidthPercent)
    }
    record.logPlace = sink.map { $0.isJournal ? .journal : .file } ?? .stdio

    var descriptors = LaunchDescriptors(
      cgroup: directory.rawValue, exitRecord: exitFile.rawValue, log: sink?.descriptor.rawValue,
      logIsJournal: sink?.isJournal ?? false)
    descriptors.attachListener = listener?.rawValue
    if let streams {
      descriptors.streams = (streams[0].rawValue, streams[1].rawValue, streams[2].rawValue)
    }
    let launched = try withExtendedLifetime((streams, sink, listener)) { () throws(Fault) in
      try parts.launcher.launch(built.spec, descriptors) { pid, profile throws(Fault) in
        record.pid = pid
        record.entry = profile.map {
          EntryRecord(profile: $0, root: built.root, grantsCommands: built.grantsCommands)
        }
        record.startTicks = ProcessIdentity.startTicks(of: pid) ?? 0
        try parts.devices.apply(to: group, devices: devices)
        if bandwidthPercent != nil { try parts.bandwidth.add(pid, to: name) }
        try parts.store.save(record)
      }
    }
    times.end(.`init`, at: launched.initTime)
    times.end(.namespaces, at: launched.forkTime)
    times.end(.exec)
    return Launched(record: record, group: group, process: launched.pidfd, assignments: assignments, times: times)
  }

  /// Kills what is left in a group and removes it, waiting a little while it drains.
  static func remove(_ group: Cgroup) throws(Fault) {
    var last: Fault?
    for attempt in 0..<200 {
      do throws(Fault) {
        if attempt > 0 {
          try group.kill()
          usleep(useconds_t(min(attempt, 20) * 500))
        }
        try group.removeNow()
        return
      } catch {
        last = error
      }
    }
    if let last { throw last }
  }
}
