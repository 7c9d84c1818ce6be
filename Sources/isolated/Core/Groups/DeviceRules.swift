import CgroupKit
import Faults
import Glibc
import Kernel
import Policy

/// Which device nodes a tenant may open: the standard ones, terminals, and what its policy names.
///
/// The program for the standard ones is loaded once and attached to each tenant's group; the kernel checks it at
/// every open(2) and mknod(2) of a device in the group.
final class DeviceRules: Sendable {
  private let standardProgram: Guarded<DeviceProgram?> = Guarded(nil)

  /// The nodes of /dev that every tenant has, and pseudo-terminals.
  static let standard: [DeviceRule] =
    [3, 5, 7, 8, 9].map { DeviceRule.character(1, $0, [.read, .write]) } + [
      .character(5, 0, [.read, .write]),  // tty
      .character(5, 2, [.read, .write]),  // ptmx
      .character(136, nil, [.read, .write]),  // pts
    ]

  /// Restricts a group to the standard devices and those of a policy.
  func apply(to group: Cgroup, devices: [DevicePolicy]) throws(Fault) {
    if devices.isEmpty {
      try group.devices.attach(try program())
    } else {
      var rules = Self.standard
      for device in devices { rules.append(try Self.rule(for: device)) }
      try group.devices.apply(DeviceFilter(rules))
    }
  }

  private func program() throws(Fault) -> DeviceProgram {
    try standardProgram.withLock { program throws(Fault) in
      if let program { return program }
      let loaded = try DeviceFilter(Self.standard).load()
      program = loaded
      return loaded
    }
  }

  private static func rule(for device: DevicePolicy) throws(Fault) -> DeviceRule {
    var status = stat()
    do throws(Fault) {
      try systemCall("stat", path: device.path.value, message: "cannot look at a device of the policy") {
        stat(device.path.value, &status)
      }
    } catch {
      var fault = error
      fault.position = device.path.position
      throw fault
    }
    let kind = status.st_mode & S_IFMT
    guard kind == S_IFCHR || kind == S_IFBLK else {
      throw Fault(
        .noDisk, "this is no device node", path: device.path.value, position: device.path.position,
        mend: "name a node of /dev")
    }
    let number = DeviceNumber(userDevice: UInt64(status.st_rdev))
    var access: DeviceAccess = []
    if device.access.contains(.read) { access.insert(.read) }
    if device.access.contains(.write) { access.insert(.write) }
    if device.access.contains(.makeNode) { access.insert(.makeNode) }
    return DeviceRule(
      access, kind: kind == S_IFCHR ? .character : .block, major: number.major, minor: number.minor)
  }
}
