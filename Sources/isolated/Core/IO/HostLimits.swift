import CgroupKit
import Faults
import Glibc
import IOQoS
import Kernel

/// What the host's own groups had in `io.max` before the scheduler wrote there, kept beside the daemon's state so that
/// a restarted daemon doesn't take its predecessor's line for the administrator's.
final class HostLimits {
  private let directory: String

  init(directory: String) { self.directory = directory }

  /// The group's own limits on a disk: those that were kept, or `present`, which are kept from now on.
  ///
  /// - Throws: `cgroup.unreadable-text` where what was kept is no line of `io.max`; a system call's fault.
  func limits(of group: String, on disk: DeviceNumber, present: IOMaxLimits) throws(Fault) -> IOMaxLimits {
    let path = path(group, disk)
    let bytes: [UInt8]
    do throws(Fault) {
      bytes = try SmallFile.readBytes(path, limit: 256)
    } catch let error where error.errno?.number == ENOENT {
      try SmallFile.replace(path, with: Array("\(disk) \(present)\n".utf8))
      return present
    }
    do throws(Fault) {
      let line = try bytes.withUnsafeBufferPointer { (bytes) throws(Fault) in try IOMax(parsing: bytes) }
      guard line.device == disk else {
        throw Fault(.unreadableText, "the line is about \(line.device), not about \(disk)")
      }
      return IOMaxLimits(line)
    } catch {
      var fault = error
      fault.path = path
      fault.mend = "set the io.max of \(group) to what it should be and remove the file"
      throw fault
    }
  }

  /// Every group and disk of which limits are kept.
  func kept() throws(Fault) -> [(group: String, disk: DeviceNumber)] {
    var found: [(String, DeviceNumber)] = []
    for name in try DirectoryListing.names(directory, message: "cannot list what was kept") {
      // A group's name may have dashes of its own.
      let words = name.split(separator: "-", omittingEmptySubsequences: false)
      guard words.count > 3, words[0] == "host", let major = UInt32(words[words.count - 2]),
        let minor = UInt32(words[words.count - 1])
      else { continue }
      found.append((words[1..<(words.count - 2)].joined(separator: "-"), DeviceNumber(major: major, minor: minor)))
    }
    return found
  }

  /// Forgets a group whose limits were given back.
  func forget(_ group: String, on disk: DeviceNumber) throws(Fault) {
    let path = path(group, disk)
    if unlink(path) == 0 || errno == ENOENT { return }
    throw Fault(
      .systemCallFailed, "cannot forget a host group's limits", systemCall: "unlink", path: path,
      errno: ErrorNumber(errno))
  }

  /// Groups at the top have no slash in their names but the one that the scheduler puts before them.
  private func path(_ group: String, _ disk: DeviceNumber) -> String {
    let name = group.hasPrefix("/") ? group.dropFirst() : group[...]
    return "\(directory)/host-\(name)-\(disk.major)-\(disk.minor)"
  }
}
