import CLinux
import Faults
import Glibc
import Kernel

extension DeviceFilter {
  /// Gives the filter to the kernel, which verifies it. One program may serve any number of groups.
  ///
  /// - Throws: `.deviceProgramRefused` with the verifier's words; `.permissionDenied` without CAP_BPF and CAP_NET_ADMIN,
  ///   or CAP_SYS_ADMIN.
  public func load() throws(Fault) -> DeviceProgram {
    try DeviceProgram(instructions: program())
  }
}

/// A device filter that the kernel holds, for as long as this object lives or a group has it attached.
public final class DeviceProgram: Sendable {
  let descriptor: SharedDescriptor

  /// The name under which bpftool lists the programs of this library.
  static let name = "cgroupkit_dev"

  init(descriptor: SharedDescriptor) { self.descriptor = descriptor }

  init(instructions: [BPFInstruction]) throws(Fault) {
    do {
      descriptor = SharedDescriptor(owning: try Self.load(instructions, log: nil))
    } catch {
      throw Self.explain(error, instructions)
    }
  }

  private static func load(
    _ instructions: [BPFInstruction], log: UnsafeMutableBufferPointer<CChar>?
  ) throws(Fault) -> Int32 {
    let count = UInt32(clamping: instructions.count)
    var attempts = 5
    while true {
      do {
        return try systemCall("bpf", message: "cannot load the device filter") {
          clinux_bpf_load_cgroup_device(
            instructions, count, name, log?.baseAddress, UInt32(clamping: log?.count ?? 0))
        }
      } catch {
        // The verifier gives up with EAGAIN when a signal is pending.
        attempts -= 1
        guard error.errno?.number == EAGAIN, attempts > 0 else { throw error }
      }
    }
  }

  private static func explain(_ fault: Fault, _ instructions: [BPFInstruction]) -> Fault {
    var explained = fault
    switch fault.errno?.number {
    case EPERM, EACCES:
      explained.code = .permissionDenied
      explained.mend = "loading a device filter needs CAP_BPF and CAP_NET_ADMIN, or CAP_SYS_ADMIN"
    case ENOSYS:
      explained.code = .unsupportedOperation
      explained.mend = "the kernel needs CONFIG_BPF_SYSCALL and CONFIG_CGROUP_BPF"
    default:
      explained.code = .deviceProgramRefused
      explained.mend = "the kernel needs CONFIG_CGROUP_BPF; the verifier said: \(verdict(on: instructions))"
    }
    return explained
  }

  /// The last words of the verifier, which it writes only when asked to at loading.
  private static func verdict(on instructions: [BPFInstruction]) -> String {
    let log = UnsafeMutableBufferPointer<CChar>.allocate(capacity: 64 << 10)
    defer { log.deallocate() }
    log.initialize(repeating: 0)
    if let number = try? load(instructions, log: log) { _ = OwnedDescriptor(owning: number) }
    let text = log.prefix { $0 != 0 }.suffix(400).map { UInt8(bitPattern: $0) }
    return text.isEmpty ? "nothing" : excerpt(String(decoding: text, as: UTF8.self))
  }
}
