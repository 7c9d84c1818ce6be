import CgroupKit
import ControlProtocol
import Kernel

/// One tenant as the supervisor holds it: its record, its kernel objects, and the state that it is in.
struct Tenant: Sendable {
  /// The states of a life, in their order.
  enum Phase: Sendable {
    /// The name is taken; the sandbox is being built.
    case starting
    /// The payload runs.
    case running
    /// Asked to end; the grace has not passed.
    case stopping
    /// It has ended, everything it had is gone, and it is started again: ``RestartState/due`` tells when.
    case backingOff
    /// It has ended, and everything it had is gone but its record.
    case ended(Exit)
  }

  var record: TenantRecord
  var phase: Phase
  var group: Cgroup?
  var process: SharedDescriptor?
  /// What the groups above carry of its memory's protection.
  var protection: MemoryProtection.Promise?
  /// Whether the daemon has killed the whole group.
  var wasKilled = false
  /// Whether its processes stand still.
  var isFrozen = false
  /// How many of its OOM kills have been told.
  var oomKillsTold: UInt64 = 0
  /// Its health; nil where nothing checks it, and while it doesn't run.
  var health: TenantHealth?
  /// The command that was last sent in to check its health; nil for none.
  var healthCommand: HealthCommand?
  /// Asked to end while it was being started again: the grace.
  var endsOnceStarted: Duration?
  /// Answered with the exit when it ends.
  var waiters: [Int: CheckedContinuation<Exit, Never>] = [:]

  /// The state's name on the wire.
  var state: String {
    switch phase {
    case .starting: "starting"
    case .running: isFrozen ? "frozen" : "running"
    case .stopping: "stopping"
    case .backingOff: "backing-off"
    case .ended: "ended"
    }
  }

  /// Whether it waits for its next start.
  var isBackingOff: Bool {
    if case .backingOff = phase { true } else { false }
  }

  /// How it ended, if it has for good.
  var exit: Exit? {
    if case .ended(let exit) = phase { exit } else { nil }
  }
}
