import Faults
import Policy

extension Fault.Code {
  /// Two entries of a policy's `io:` mean the same disk.
  public static let diskNamedTwice: Self = "io.disk-named-twice"
}

/// One entry of a policy's `io:` and the disk that its path stands for.
struct IOPlace: Sendable {
  var policy: IODevicePolicy
  var disk: BlockDevice

  /// The places of all entries.
  ///
  /// - Throws: `io.no-disk`, and `io.disk-named-twice` where two paths stand for the same disk, both with the policy's
  ///   position.
  static func all(_ policies: [IODevicePolicy]) throws(Fault) -> [IOPlace] {
    var places: [IOPlace] = []
    for policy in policies {
      let disk = try BlockDevice(beneath: policy.device.value, position: policy.device.position)
      try add(IOPlace(policy: policy, disk: disk), to: &places)
    }
    return places
  }

  static func add(_ place: IOPlace, to places: inout [IOPlace]) throws(Fault) {
    if let other = places.first(where: { $0.disk.number == place.disk.number }) {
      let path = place.policy.device.value
      throw Fault(
        .diskNamedTwice, "\(other.policy.device.value) and \(path) lie on the same disk, \(place.disk.name)",
        path: path, position: place.policy.device.position, mend: "join the two entries into one")
    }
    places.append(place)
  }
}
