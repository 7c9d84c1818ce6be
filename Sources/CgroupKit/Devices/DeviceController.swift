import CLinux
import Faults
import Glibc
import Kernel

extension Cgroup {
  /// Which devices the group's processes may use.
  public var devices: DeviceController { DeviceController(group: self) }
}

/// A device program that is attached to a group.
public struct AttachedDeviceProgram: Sendable, Hashable {
  /// The kernel's id of the program.
  public let id: UInt32
  /// The name that it was loaded with; those of this library are called `cgroupkit_dev`.
  public let name: String
}

/// The device programs of a group.
///
/// A device may be used only where every program of the group and of its ancestors allows it. A program stays attached
/// until it is detached or the group is removed, whether or not the process that attached it lives on: it is attached
/// directly, without a BPF link.
public struct DeviceController: Sendable {
  /// The group concerned.
  public let group: Cgroup

  /// Makes `filter` the group's one device filter: it takes the place of the one that is attached, without a moment in
  /// which neither holds, and further ones of this library are detached.
  ///
  /// Programs that others attached stay.
  ///
  /// - Throws: as ``DeviceFilter/load()`` and ``attach(_:)`` do.
  public func apply(_ filter: DeviceFilter) throws(Fault) {
    let program = try filter.load()
    let own = try attached().filter { $0.name == DeviceProgram.name }
    guard let first = own.first else { return try attach(program) }
    try attach(program, replacing: try open(first.id))
    for other in own.dropFirst() { try detach(other) }
  }

  /// Attaches a program beside those that are attached.
  ///
  /// - Throws: `.groupGone`, `.permissionDenied`, `.deviceProgramRefused` where the kernel takes no more: 64 at most.
  public func attach(_ program: DeviceProgram) throws(Fault) { try attach(program, replacing: nil) }

  /// Detaches a program.
  ///
  /// - Throws: `.deviceProgramRefused` where it isn't attached, `.groupGone`, `.permissionDenied`.
  public func detach(_ program: AttachedDeviceProgram) throws(Fault) {
    let opened = try open(program.id)
    try bpf("cannot detach the device filter") {
      clinux_bpf_detach_cgroup_device(group.directory.rawValue, opened.descriptor.rawValue)
    }
  }

  /// The programs attached to the group itself, in the order in which they run.
  ///
  /// - Throws: `.permissionDenied`, `.groupGone`.
  public func attached() throws(Fault) -> [AttachedDeviceProgram] {
    var programs: [AttachedDeviceProgram] = []
    for id in try identifiers() {
      do {
        programs.append(AttachedDeviceProgram(id: id, name: try name(of: open(id))))
      } catch let fault where fault.errno?.number == ENOENT {
        // It was detached meanwhile.
      }
    }
    return programs
  }

  private func attach(_ program: DeviceProgram, replacing replaced: DeviceProgram?) throws(Fault) {
    try bpf("cannot attach the device filter") {
      clinux_bpf_attach_cgroup_device(
        group.directory.rawValue, program.descriptor.rawValue, replaced?.descriptor.rawValue ?? -1)
    }
  }

  private func identifiers() throws(Fault) -> [UInt32] {
    // The kernel allows 64 programs; the room grows all the same, since that limit isn't part of its interface.
    var capacity: UInt32 = 64
    while true {
      var identifiers = [UInt32](repeating: 0, count: Int(capacity))
      var count = capacity
      do {
        try bpf("cannot list the device filters") {
          clinux_bpf_query_cgroup_device(group.directory.rawValue, &identifiers, &count)
        }
        return Array(identifiers.prefix(Int(count)))
      } catch let fault where fault.errno?.number == ENOSPC && capacity < 1 << 16 {
        capacity *= 2
      }
    }
  }

  private func open(_ id: UInt32) throws(Fault) -> DeviceProgram {
    let number = try bpf("cannot open device filter \(id)") { clinux_bpf_program_by_id(id) }
    return DeviceProgram(descriptor: SharedDescriptor(owning: number))
  }

  private func name(of program: DeviceProgram) throws(Fault) -> String {
    var name = [CChar](repeating: 0, count: 17)
    try bpf("cannot read a device filter's name") {
      clinux_bpf_program_name(program.descriptor.rawValue, &name)
    }
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  @discardableResult
  private func bpf(_ message: String, _ call: () -> Int32) throws(Fault) -> Int32 {
    do {
      return try systemCall("bpf", path: group.path, message: message, call)
    } catch {
      var explained = error
      switch error.errno?.number {
      case EPERM, EACCES:
        explained.code = .permissionDenied
        explained.mend = "device filters need CAP_SYS_ADMIN, or CAP_BPF and CAP_NET_ADMIN to attach alone"
      case ENOENT, ENODEV, EBADF:
        explained.code = group.isGone ? .groupGone : .deviceProgramRefused
      case EINVAL, ENOSYS:
        explained.code = .unsupportedOperation
        explained.mend = "the kernel needs CONFIG_BPF_SYSCALL and CONFIG_CGROUP_BPF"
      case E2BIG:
        explained.code = .deviceProgramRefused
        explained.mend = "detach programs first: a group takes 64"
      default: break
      }
      throw explained
    }
  }
}
