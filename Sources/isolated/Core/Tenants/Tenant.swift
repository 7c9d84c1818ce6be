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
  /// Answered with the exit when it ends.
  var waiters: [Int: CheckedContinuation<Exit, Never>] = [:]

  /// The state's name on the wire.
  var state: String {
    switch phase {
    case .starting: "starting"
    case .running: "running"
    case .stopping: "stopping"
    case .ended: "ended"
    }
  }

  /// How it ended, if it has.
  var exit: Exit? {
    if case .ended(let exit) = phase { exit } else { nil }
  }
}
