import ControlProtocol
import Faults
import IOQoS
import Kernel

/// What the daemon counts of its own work, from its start on. Any thread may count.
final class DaemonMeasures: Sendable {
  /// A part of a start, in their order.
  enum Stage: String, CaseIterable, Sendable {
    /// Waiting for a thread that may block.
    case queue
    /// From the policy to a plan: paths, ids, filter, admission to disks.
    case plan
    /// Making the group and writing its limits.
    case group
    /// Files, log and plan for tenant-init, and its start.
    case `init`
    /// Until the tenant's first process exists: namespaces, id maps, mount trees.
    case namespaces
    /// Until the command runs: the root, devices, state, privileges, execve.
    case exec
  }

  /// All that is counted.
  struct Values: Sendable {
    /// Of starts that succeeded.
    var stages: [Stage: DurationHistogram] = Dictionary(
      uniqueKeysWithValues: Stage.allCases.map { ($0, .starts) })
    var spawned: UInt64 = 0
    /// Starts that failed, by the fault's code.
    var failures: [String: UInt64] = [:]
    /// By how tenants ended.
    var exits: [String: UInt64] = [:]
  }

  /// More codes than there are; beyond it they count as `other`, so that no path can make series without bound.
  private static let mostReasons = 128

  private static let refusals: Set<Fault.Code> = [
    .tooManyTenants, .memoryRefused, .ioUncalibrated, .ioCalibrationStale, .ioPromiseInvalid, .ioLimitBelowReservation,
    .ioTargetUnreachable, .ioReservationsExceedCapacity,
  ]

  /// Whether a fault's code says that admission refused.
  static func isRefusal(_ code: String) -> Bool { refusals.contains(Fault.Code(rawValue: code)) }

  private let values = Guarded(Values())

  /// What was counted so far.
  var snapshot: Values { values.withLock { $0 } }

  /// Takes a start that succeeded.
  ///
  /// - Parameter times: when the start was asked for, and when each stage ended, in nanoseconds of the monotonic clock.
  func spawned(_ times: SpawnTimes) {
    values.withLock { values in
      values.spawned += 1
      var begin = times.asked
      for (stage, end) in times.ends {
        values.stages[stage, default: .starts].record(nanoseconds: end - begin)
        begin = end
      }
    }
  }

  /// Takes a start that failed, or that was refused.
  func failed(_ code: Fault.Code) {
    values.withLock { values in
      let known = values.failures[code.rawValue] != nil || values.failures.count < Self.mostReasons
      values.failures[known ? code.rawValue : "other", default: 0] += 1
    }
  }

  /// Takes a tenant's end.
  func ended(_ cause: Exit.Cause) { values.withLock { $0.exits[cause.rawValue, default: 0] += 1 } }
}

/// When the parts of one start ended, in nanoseconds of the monotonic clock.
struct SpawnTimes: Sendable {
  let asked: Int64
  private(set) var ends: [(stage: DaemonMeasures.Stage, time: Int64)] = []

  /// Begins now.
  init() { asked = MonotonicClock.nanoseconds() }

  /// A stage ends.
  mutating func end(_ stage: DaemonMeasures.Stage, at time: Int64 = MonotonicClock.nanoseconds()) {
    ends.append((stage, time))
  }
}
