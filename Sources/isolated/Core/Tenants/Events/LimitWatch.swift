import CgroupKit
import ControlProtocol
import Faults

/// Watches the files in which the kernel counts how often a tenant's limits acted, while somebody listens.
///
/// A tenant that runs into its limits all the time can't make the daemon busy: its files are read once a second at
/// most, and what was counted meanwhile is told in one.
struct LimitWatch {
  /// The tenant's first process: another one is another tenant.
  let pid: Int32
  let task: Task<Void, Never>

  /// The counters that are told, and the file whose limit each is about.
  static let limits: [EventCounter: String] = [
    .memoryHigh: "memory.high", .memoryMax: "memory.max", .swapMax: "memory.swap.max", .pidsMax: "pids.max",
  ]
  static let files = ["memory.events", "memory.swap.events", "pids.events"]

  /// After so many events within a second, the rest of it is slept through: what one look can find.
  private static let mostAtOnce = 16

  /// Hands on what is counted until `take` wants no more, or the group goes.
  static func follow(_ events: CgroupEvents, _ take: (EventCounter, UInt64, UInt64) async -> Bool) async throws(Fault) {
    var iterator = events.makeAsyncIterator()
    var start = ContinuousClock.now
    var count = 0
    while let event = try await iterator.next(isolation: nil) {
      guard case .counted(let counter, let delta, let total) = event else { continue }
      guard await take(counter, delta, total) else { return }
      count += 1
      let end = start + .seconds(1)
      if count >= mostAtOnce, ContinuousClock.now < end {
        // Cancelled, it returns at once, and the next event is none.
        try? await Task.sleep(until: end)
      }
      if ContinuousClock.now >= end { (start, count) = (ContinuousClock.now, 0) }
    }
  }
}

extension Supervisor {
  /// Watches a tenant's limits if somebody listens and nobody does yet.
  func watchLimits(of name: String) {
    guard parts.events.hasListeners, let tenant = tenants[name], tenant.exit == nil, let group = tenant.group else {
      return
    }
    let pid = tenant.record.pid
    if let present = limitWatches[name] {
      guard present.pid != pid else { return }
      present.task.cancel()
    }
    if parts.groups.controllers.contains(.memory), let kills = try? group.memory.events.read().oomKill {
      // What nobody was there to hear isn't news.
      tenants[name]?.oomKillsTold = max(tenant.oomKillsTold, kills)
    }
    let files = LimitWatch.files.filter {
      parts.groups.controllers.contains(Controller(rawValue: String($0.prefix { $0 != "." })))
    }
    let log = parts.log
    let task = Task.detached { [weak self] in
      do throws(Fault) {
        try await LimitWatch.follow(try group.events(of: files)) { counter, delta, total in
          await self?.noteLimit(counter, delta, total, of: name, pid: pid) ?? false
        }
      } catch {
        if error.code != .groupGone {
          log.warning("cannot watch a tenant's limits", metadata: ["tenant": "\(name)", "fault": "\(error)"])
        }
      }
      await self?.forgetWatch(of: name, pid: pid)
    }
    limitWatches[name] = LimitWatch(pid: pid, task: task)
  }

  /// - Returns: whether anybody wants to know more.
  private func noteLimit(_ counter: EventCounter, _ delta: UInt64, _ total: UInt64, of name: String, pid: Int32) -> Bool
  {
    guard parts.events.hasListeners, let tenant = tenants[name], tenant.exit == nil, tenant.record.pid == pid else {
      return false
    }
    if counter == .oomKill {
      noteKills(total, of: name)
    } else if let limit = LimitWatch.limits[counter] {
      publish(.limit, of: name) { event in
        event.limit = limit
        event.count = Int(clamping: delta)
      }
    }
    return true
  }

  private func forgetWatch(of name: String, pid: Int32) {
    if limitWatches[name]?.pid == pid { limitWatches[name] = nil }
  }
}
