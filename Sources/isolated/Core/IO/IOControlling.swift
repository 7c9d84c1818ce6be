import CgroupKit
import ControlProtocol

/// What the supervisor tells the IO scheduler, and asks of it.
///
/// The supervisor calls from its own executor: every method returns at once.
protocol IOControlling: Sendable {
  /// A tenant runs, or was adopted by a restarted daemon. All tenants are told of, also those without a promise, since
  /// they are others' neighbours.
  ///
  /// - Parameter assignments: what its policy asks, disk by disk; empty where it says nothing about IO.
  func begin(_ tenant: String, group: Cgroup, assignments: [IOAssignment])

  /// A tenant has ended or its start has failed; its group goes. Also called for tenants that never began.
  func end(_ tenant: String)

  /// The disks that tenants use, ordered by name.
  func status() -> [IODisk]

  /// What the scheduler last reported, as a whole.
  func report() -> IOControlLoop.Report

  /// The last decisions about a tenant, the newest last.
  func decisions(of tenant: String) -> [IODecision]
}
