import Faults
import Glibc
import Policy
import Sandbox

extension HealthPolicy {
  /// The look at the tenant's loopback that the policy asks for; nil for a command.
  var probe: TenantProbe.Request? {
    let milliseconds = UInt32(clamping: max(1, timeout.value.microseconds / 1000))
    switch check.value {
    case .command: return nil
    case .tcp(let port): return .init(port: port, milliseconds: milliseconds)
    case .http(let page): return .init(port: page.port, path: page.path, milliseconds: milliseconds)
    }
  }

  /// What the end of a check's command means for the tenant's health.
  static func outcome(of ending: Entry.Ending) -> HealthState.Outcome {
    switch ending {
    case .exited(0): .passed
    case .exited(let status): .failed("exited \(status)")
    case .killed(let signal): .failed("killed by signal \(signal)")
    case .lost: .failed("killed before it could tell how it ended")
    }
  }

  /// What it means for the tenant's health that a check's command couldn't be run; nil if it says nothing about it.
  static func outcome(of fault: Fault) -> HealthState.Outcome? {
    let reason = fault.errno.map { ": \($0.name)" } ?? ""
    switch (fault.code, fault.errno?.number) {
    case (.commandNotRun, _): return .failed("the command can't be run" + reason)
    case (.stageFailed, EAGAIN), (.stageFailed, ENOMEM): return .failed("no room for the command" + reason)
    default: return nil
    }
  }

  /// What a finding means for the tenant's health.
  func outcome(of finding: TenantProbe.Finding) -> HealthState.Outcome {
    switch (finding, check.value) {
    case (.connected, .tcp): return .passed
    case (.answered(let status), .http(let page)):
      return page.status.contains(status) ? .passed : .failed("it answered with status \(status)")
    case (.refused(let number), _): return .failed("no connection: \(number.name)")
    case (.late, _): return .failed("no answer within \(timeout.value)")
    case (.cut, _): return .failed("the connection was closed without an answer")
    case (.notHTTP, _): return .failed("the answer is no HTTP")
    case (.connected, _), (.answered, _): return .failed("the probe found something that wasn't asked for")
    }
  }
}
