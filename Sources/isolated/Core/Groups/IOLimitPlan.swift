import CgroupKit
import Faults
import Policy

extension Fault.Code {
  /// This host can't enforce something that a policy asks for.
  public static let notEnforceable: Self = "policy.not-enforceable"
}

/// What a policy's `io:` asks, resolved to this host's disks.
enum IOLimitPlan {
  /// The limits, and a fault for each one that the host can't enforce.
  ///
  /// - Parameter costIsOn: whether io.cost governs a disk, which makes it obey io.weight.
  static func limits(
    of policies: [IODevicePolicy], costIsOn: (DeviceNumber) -> Bool
  ) throws(Fault) -> (limits: [AskedLimit], notEnforceable: [Fault]) {
    var limits: [AskedLimit] = []
    var refused: [Fault] = []
    for policy in policies {
      let disk = try BlockDevice(beneath: policy.device.value, position: policy.device.position)
      if let limit = policy.limit {
        let entry = IOMax(
          device: disk.number,
          rbps: bytes(limit.value.read.bandwidth), wbps: bytes(limit.value.write.bandwidth),
          riops: operations(limit.value.read.iops), wiops: operations(limit.value.write.iops))
        limits.append(
          AskedLimit(.io, position: limit.position, file: "io.max", text: entry.kernelText) { group throws(Fault) in
            try group.io.max.write(entry)
          })
      }
      if let weight = policy.weight {
        if costIsOn(disk.number) {
          limits.append(
            AskedLimit(.io, position: weight.position, file: "io.weight", text: "\(disk.number) \(weight.value)") {
              group throws(Fault) in try group.io.weight.write(Weight(weight.value), for: disk.number)
            })
        } else if disk.usesBFQ {
          // BFQ's weights end at 1000.
          let scaled = Weight(min(max(weight.value, 1), 1000))
          limits.append(
            AskedLimit(.io, position: weight.position, file: "io.bfq.weight", text: "\(disk.number) \(scaled)") {
              group throws(Fault) in try group.io.bfqWeight.write(scaled, for: disk.number)
            })
        } else {
          refused.append(
            Fault(
              .notEnforceable, "nothing on this host makes the disk \(disk.name) obey an IO weight",
              path: policy.device.value, position: weight.position,
              mend: "choose BFQ (echo bfq > /sys/block/\(disk.name)/queue/scheduler) or turn io.cost on for it"))
        }
      }
    }
    return (limits, refused)
  }

  private static func bytes(_ rate: Positioned<ByteRate>?) -> CgroupKit.Limit<Bytes> {
    rate.map { .at(Bytes($0.value.bytesPerSecond)) } ?? .max
  }

  private static func operations(_ rate: Positioned<UInt64>?) -> CgroupKit.Limit<Count> {
    rate.map { .at(Count($0.value)) } ?? .max
  }
}
