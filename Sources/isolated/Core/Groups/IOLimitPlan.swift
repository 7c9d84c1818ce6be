import CgroupKit
import Faults
import Policy

extension Fault.Code {
  /// This host can't enforce something that a policy asks for.
  public static let notEnforceable: Self = "policy.not-enforceable"
}

/// The limits of a policy's `io:`, as they stand from the group's first moment on. The IO scheduler writes stricter ones
/// later, and never looser ones; weights, reservations and targets are its own.
enum IOLimitPlan {
  /// A line of io.max for each disk with a limit.
  static func limits(of places: [IOPlace]) -> [AskedLimit] {
    places.compactMap { place in
      guard let limit = place.policy.limit else { return nil }
      let entry = IOMax(
        device: place.disk.number,
        rbps: bytes(limit.value.read.bandwidth), wbps: bytes(limit.value.write.bandwidth),
        riops: operations(limit.value.read.iops), wiops: operations(limit.value.write.iops))
      return AskedLimit(.io, position: limit.position, file: "io.max", text: entry.kernelText) { group throws(Fault) in
        try group.io.max.write(entry)
      }
    }
  }

  /// A fault for each thing that only the IO scheduler could hold, for a host where it has no io controller.
  static func unscheduled(_ places: [IOPlace]) -> [Fault] {
    places.flatMap { place in
      let policy = place.policy
      let asked: [(String, Fault.Position?)?] = [
        policy.latency.map { ("latency", $0.position) }, policy.reservation.map { ("reservation", $0.position) },
        policy.weight.map { ("weight", $0.position) }, policy.priorityClass.map { ("class", $0.position) },
      ]
      return asked.compactMap { $0 }.map { key, position in
        Fault(
          .notEnforceable,
          "this host can't enforce io.\(key) on \(place.disk.name): the io controller is not available in cgroup v2",
          path: policy.device.value, position: position, mend: TenantGroups.controllerMend)
      }
    }
  }

  private static func bytes(_ rate: Positioned<ByteRate>?) -> CgroupKit.Limit<Bytes> {
    rate.map { .at(Bytes($0.value.bytesPerSecond)) } ?? .max
  }

  private static func operations(_ rate: Positioned<UInt64>?) -> CgroupKit.Limit<Count> {
    rate.map { .at(Count($0.value)) } ?? .max
  }
}
