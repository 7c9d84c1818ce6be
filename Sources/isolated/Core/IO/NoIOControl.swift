import CgroupKit
import ControlProtocol

/// Where the host has no io controller: nothing can be scheduled.
struct NoIOControl: IOControlling {
  func begin(_ tenant: String, group: Cgroup, assignments: [IOAssignment]) {}
  func end(_ tenant: String) {}
  func status() -> [IODisk] { [] }
  func report() -> IOControlLoop.Report { .init() }
  func decisions(of tenant: String) -> [IODecision] { [] }
}
