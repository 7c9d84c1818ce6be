import CgroupKit
import ControlProtocol
import Glibc
import Kernel

/// What /proc tells of a tenant's first process.
enum ProcessFacts {
  private static let kinds = ["cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"]

  /// The inode of each namespace; what can't be read is left out.
  static func namespaces(of pid: Int32) -> [String: Int] {
    var inodes: [String: Int] = [:]
    for kind in kinds {
      var status = stat()
      if stat("/proc/\(pid)/ns/\(kind)", &status) == 0 { inodes[kind] = Int(clamping: status.st_ino) }
    }
    return inodes
  }

  /// Whether a process waits in the kernel where no signal reaches it: state D of proc_pid_stat(5).
  static func isUninterruptible(_ pid: Int32) -> Bool {
    guard let text = try? SmallFile.read("/proc/\(pid)/stat", limit: 4096), let end = text.lastIndex(of: ")") else {
      return false
    }
    return text[end...].dropFirst(2).first == "D"
  }

  /// The mounts inside, as the tenant sees them.
  static func mounts(of pid: Int32) -> [Inspection.Mount] {
    guard let table = try? SmallFile.read("/proc/\(pid)/mountinfo", limit: 1 << 20) else { return [] }
    return table.split(separator: "\n").compactMap { line in
      let fields = line.split(separator: " ")
      guard fields.count > 6, let dash = fields.firstIndex(of: "-"), dash + 1 < fields.count else { return nil }
      let root = fields[3] == "/" ? "" : " \(fields[3])"
      return Inspection.Mount(
        target: String(fields[4]), source: "\(fields[dash + 1])\(root)", options: String(fields[5]))
    }
  }
}

extension Cgroup {
  /// A file's text in one line, as the kernel has it now; nil if it can't be read.
  func text(of file: String) -> String? {
    guard let directory = try? openDirectory() else { return nil }
    let number = openat(directory.rawValue, file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard number >= 0 else { return nil }
    let owned = OwnedDescriptor(owning: number)
    var buffer = [UInt8](repeating: 0, count: 4096)
    let got = read(owned.rawValue, &buffer, buffer.count)
    guard got >= 0 else { return nil }
    return String(decoding: buffer[..<got], as: UTF8.self).split(separator: "\n").joined(separator: "; ")
  }
}
