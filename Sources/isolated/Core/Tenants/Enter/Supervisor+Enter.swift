import CgroupKit
import ControlProtocol
import Faults
import Glibc
import Kernel
import Sandbox

extension Supervisor {
  /// How long a tenant may take until a further command in it runs: its processor time is its own to use up.
  private static let patience: Duration = .seconds(30)

  /// Runs a further command in a running tenant; answers the client's end of its session once it runs.
  func exec(
    _ request: Exec.Request, peer: ControlPeer, descriptors: [SharedDescriptor]
  ) async throws(Fault) -> SharedDescriptor {
    let tenant = try tenant(request.name, for: peer)
    try Authorization.checkExec(request, record: tenant.record, peer: peer)
    let place = try EntryPlace(tenant)
    let streams = try StandardStream.chosen(request.stdio, from: descriptors)
    let parts = parts
    let entry = try await parts.threads.run { () throws(Fault) in
      try place.enter(request, streams: streams, parts: parts)
    }
    try watch(entry)
    try await untilRunning(entry)
    // Its arguments and variables may be secrets.
    let program = request.command.first.flatMap { $0.split(separator: "/").last } ?? ""
    publish(.entered, of: request.name) { $0.text = "\(program), by user \(peer.uid)" }
    parts.log.info("exec", metadata: ["tenant": "\(request.name)", "by": "\(peer.uid)"])
    return entry.session
  }

  /// Has the process reaped that attends to the command, whenever it ends.
  func watch(_ entry: Entry, atEnd: @escaping @Sendable () -> Void = {}) throws(Fault) {
    let attendant = entry.attendant
    do throws(Fault) {
      try parts.exits.watch(attendant) {
        Self.reap(attendant)
        atEnd()
      }
    } catch {
      entry.abandon()
      throw error
    }
  }

  private func untilRunning(_ entry: Entry) async throws(Fault) {
    let timer = Task {
      // Cancelled, it is no longer needed.
      guard (try? await Task.sleep(for: Self.patience)) != nil else { return false }
      entry.abandon()
      return true
    }
    do throws(Fault) {
      while try !entry.progress() { try await untilReadable(try entry.progressSignal()) }
      timer.cancel()
    } catch {
      timer.cancel()
      entry.abandon()
      guard await timer.value else { throw error }
      throw Fault(
        .wrongTenantState, "the tenant has not let the command start within \(Self.patience.components.seconds) s",
        mend: "is it frozen, or has it used up its processor time?")
    }
  }
}

/// A running tenant, as a further command has to know it.
struct EntryPlace: Sendable {
  var record: TenantRecord
  var entry: EntryRecord
  var process: SharedDescriptor
  var group: Cgroup

  /// Takes it from a tenant that runs and that this daemon can enter.
  init(_ tenant: Tenant) throws(Fault) {
    record = tenant.record
    switch tenant.phase {
    case .running: break
    case .starting: throw Self.wrongState(record.name, "is still being started", mend: "try again once it runs")
    case .stopping: throw Self.wrongState(record.name, "is being stopped", mend: "spawn it again")
    case .backingOff: throw Self.wrongState(record.name, "waits for its next start", mend: "try again once it runs")
    case .ended: throw Self.wrongState(record.name, "does not run", mend: "spawn it again")
    }
    guard let process = tenant.process, let group = tenant.group else {
      throw Self.wrongState(record.name, "does not run", mend: "spawn it again")
    }
    guard let entry = record.entry, entry.profile.isUsable else {
      throw Self.wrongState(
        record.name, "can't be entered: this daemon has no record of what its command was given",
        mend: "spawn it again; it was started by another release of isolated, or its record was lost")
    }
    self.entry = entry
    self.process = process
    self.group = group
  }

  /// Sends the command in. Blocks.
  ///
  /// - Parameter isBound: whether nothing of it may outlive it or its session.
  func enter(
    _ request: Exec.Request, streams: [SharedDescriptor]?, isBound: Bool = false, parts: SupervisorParts
  ) throws(Fault) -> Entry {
    guard try !group.isFrozen(), !Supervisor.isFrozen(group) else {
      throw Self.wrongState(
        record.name, "is frozen: no process in it can run", mend: "`isoctl thaw \(record.name)` lets them run again")
    }
    let namespaces = try EntryNamespaces.differing(of: record.pid)
    var spec = try parts.specs.entry(
      request, into: record, entry, namespaces: namespaces)
    spec.isBound = isBound
    // The pidfd is that of the tenant's first process; while that lives, the number that was looked up is its own.
    try requireLife()
    let directory = try group.openDirectory()
    return try withExtendedLifetime(streams) { () throws(Fault) in
      try parts.launcher.enter(
        spec, process: process.rawValue, group: directory.rawValue,
        streams: (streams?[0].rawValue, streams?[1].rawValue, streams?[2].rawValue)
      ) { pid throws(Fault) in
        if record.bandwidthPercent != nil { try parts.bandwidth.add(pid, to: record.name) }
      }
    }
  }

  private func requireLife() throws(Fault) {
    var watched = pollfd(fd: process.rawValue, events: Int16(POLLIN), revents: 0)
    let ended = try systemCall("poll") { poll(&watched, 1, 0) } > 0
    if ended { throw Self.wrongState(record.name, "has just ended", mend: "spawn it again") }
  }

  private static func wrongState(_ name: String, _ what: String, mend: String) -> Fault {
    Fault(.wrongTenantState, "the tenant '\(name)' \(what)", mend: mend)
  }
}
