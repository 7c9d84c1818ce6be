import CgroupKit
import Faults
import IOQoS
import Kernel

extension Fault.Code {
  /// A tenant uses more memory than it was to have, and can't give enough back.
  public static let memoryInUse: Self = "update.memory-in-use"
  /// A change failed, and not all of it could be undone.
  public static let notUndone: Self = "update.not-undone"
}

/// Writes changes to a group's files, and takes them back. Its methods may wait for the kernel: they are for threads
/// that may.
struct GroupUpdate: Sendable {
  typealias Written = TenantRecord.WrittenLimit

  let group: Cgroup

  /// How often memory is asked back before it counts as in use.
  private static let reclaims = 3
  /// Lists the machine's processors.
  private static let processors = "/sys/devices/system/cpu/online"

  /// What the files say now that the changes touch, in the order in which ``restore(_:)`` must not go.
  func present(_ changes: [LimitChange]) throws(Fault) -> [Written] {
    var present: [Written] = []
    for change in changes {
      if let device = change.device {
        let line = try group.io.max.read().entries.first { $0.device == device } ?? IOMax(device: device)
        present.append(Written(file: change.file, text: line.kernelText))
        continue
      }
      // An idle group's weight is none: it is lost with the switch, and comes back only by being written.
      if change.file == "cpu.idle", change.text == "1" { try add("cpu.weight", to: &present) }
      try add(change.file, to: &present)
    }
    return present
  }

  private func add(_ file: String, to present: inout [Written]) throws(Fault) {
    let text = try group.text(ofFile: file)
    if file == "cpu.weight", text == "0" { return }
    // A group with processes takes no empty list back: the processors that it had by it stand for it.
    let isNoList = file == "cpuset.cpus" && text.isEmpty
    present.append(Written(file: file, text: isNoList ? try group.text(ofFile: "cpuset.cpus.effective") : text))
  }

  /// Makes the changes, in order, up to the first that fails.
  ///
  /// - Returns: what follows from them that may not be meant, in sentences.
  /// - Throws: the change's fault, with its position.
  func apply(_ changes: [LimitChange]) throws(Fault) -> [String] {
    var warnings: [String] = []
    for change in changes {
      do throws(Fault) {
        if let warning = try apply(change) { warnings.append(warning) }
      } catch {
        var fault = error
        fault.position = change.position
        throw fault
      }
    }
    return warnings
  }

  /// Writes back what ``present(_:)`` found, the last first, where it isn't so any more.
  ///
  /// - Returns: what couldn't be written back.
  func restore(_ present: [Written]) -> [Fault] {
    present.reversed().compactMap { file in
      do throws(Fault) {
        if try !says(file) { try group.write(file.text, toFile: file.file) }
        return nil
      } catch {
        // What the tenant had of a group or a disk that has gone went with it.
        return error.code == .groupGone || error.code == .noSuchDevice ? nil : error
      }
    }
  }

  private func says(_ file: Written) throws(Fault) -> Bool {
    guard file.file == "io.max" else { return try group.text(ofFile: file.file) == file.text }
    let line = try IOMax(parsing: file.text)
    return try group.io.max.read().entries.first { $0.device == line.device } ?? IOMax(device: line.device) == line
  }

  private func apply(_ change: LimitChange) throws(Fault) -> String? {
    if let device = change.device {
      try narrow(device, to: change)
      return nil
    }
    switch change.file {
    case "memory.max":
      if let bytes = UInt64(change.text) { try makeRoom(within: bytes) }
    case "memory.high", "pids.max": break
    case "cpuset.cpus" where change.after == nil:
      // The kernel takes no empty list from a group with processes; all that the machine has come to the same.
      try group.write(try SmallFile.read(Self.processors, limit: 4096), toFile: change.file)
      return nil
    default:
      try group.write(change.text, toFile: change.file)
      return nil
    }
    try group.write(change.text, toFile: change.file)
    return try warning(about: change)
  }

  /// `io.max` is the IO scheduler's: only what gets stricter is written here, so that the kernel has its say; the
  /// scheduler takes care of the rest as soon as it is told.
  private func narrow(_ device: DeviceNumber, to change: LimitChange) throws(Fault) {
    let present = try group.io.max.read().entries.first { $0.device == device } ?? IOMax(device: device)
    let asked = try IOMax(parsing: change.text)
    let line = IOMaxLimits(asked).stricter(IOMaxLimits(present)).line(on: device)
    if line != present { try group.io.max.write(line) }
  }

  /// Has the kernel take back what a tenant uses beyond a lower limit. The kernel would kill where that doesn't work;
  /// here it is refused.
  private func makeRoom(within bytes: UInt64) throws(Fault) {
    var current = try group.memory.current.read().rawValue
    for _ in 0..<Self.reclaims where current > bytes {
      do throws(Fault) {
        try group.memory.reclaim(Bytes(current - bytes))
      } catch {
        guard error.code == .reclaimIncomplete else { throw error }
      }
      current = try group.memory.current.read().rawValue
    }
    guard current <= bytes else {
      throw Fault(
        .memoryInUse,
        "memory.max of \(bytes) bytes is less than the \(current) that the tenant uses and can't give back",
        path: group.path + "/memory.current", mend: "have it free memory first, or ask for more")
    }
  }

  private func warning(about change: LimitChange) throws(Fault) -> String? {
    guard let most = UInt64(change.text) else { return nil }
    switch change.file {
    case "pids.max":
      let count = try group.pids.current.read().rawValue
      return count > most
        ? "\(count) processes and threads live on; none can start until there are fewer than \(most)" : nil
    case "memory.high":
      let bytes = try group.memory.current.read().rawValue
      return bytes > most
        ? "the tenant uses \(bytes) bytes, more than memory.high, and is slowed down until it uses less" : nil
    default: return nil
    }
  }
}
