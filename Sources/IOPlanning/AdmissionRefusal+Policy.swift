import Faults
import IOQoS
import Policy

extension AdmissionRefusal {
  /// The refusal with the path and the place of the policy that it is about.
  public func fault(for policy: IODevicePolicy) -> Fault {
    var fault = fault
    fault.path = policy.device.value
    fault.position = position(in: policy) ?? policy.device.position
    switch self {
    case .uncalibrated:
      fault.mend = "isoctl io calibrate --save \(policy.device.value), or leave out reservation and latency"
    case .otherDevice, .otherVersion, .outdated: fault.mend = "isoctl io calibrate --save \(policy.device.value)"
    default: break
    }
    return fault
  }

  private func position(in policy: IODevicePolicy) -> Fault.Position? {
    switch self {
    case .uncalibrated, .otherDevice, .otherVersion, .outdated, .reservations:
      policy.reservation?.position ?? policy.latency?.position ?? policy.priorityClass?.position
    case .weight: policy.weight?.position
    case .rate: policy.reservation?.position ?? policy.limit?.position
    case .limitBelowReservation: policy.limit?.position
    case .target: policy.latency?.position
    case .targetUnreachable(_, let target, _):
      Self.position(of: target.operation, in: policy) ?? policy.latency?.position ?? policy.priorityClass?.position
    }
  }

  private static func position(of operation: IOOperation, in policy: IODevicePolicy) -> Fault.Position? {
    switch operation {
    case .read: policy.latency?.value.read?.position
    case .write: policy.latency?.value.write?.position
    case .syncWrite: policy.latency?.value.syncWrite?.position
    }
  }
}
