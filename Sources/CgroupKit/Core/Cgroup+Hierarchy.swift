import Faults
import Glibc
import Kernel

extension Cgroup {
  /// The root of the cgroup2 hierarchy, wherever it is mounted: `/sys/fs/cgroup`, or on hybrid systems
  /// `/sys/fs/cgroup/unified`.
  ///
  /// - Throws: `.notACgroup` where no cgroup2 file system is mounted.
  public static func root() throws(Fault) -> Cgroup {
    try Cgroup(path: try mount().mountPoint)
  }

  /// The group that a process is in.
  ///
  /// - Parameter process: its id; `nil` for the caller's own.
  /// - Throws: `.noSuchProcess`, `.groupGone` for a zombie whose group was removed, `.notACgroup`, `.noSuchGroup`
  ///   where the group lies outside the part of the hierarchy that is mounted.
  public static func containing(_ process: pid_t? = nil) throws(Fault) -> Cgroup {
    let file = "/proc/\(process.map(String.init) ?? "self")/cgroup"
    let membership: Membership
    do {
      membership = try readProcFile(file, as: Membership.self)
    } catch let fault where fault.errno?.number == ENOENT || fault.errno?.number == ESRCH {
      var explained = fault
      explained.code = .noSuchProcess
      throw explained
    }
    guard let path = membership.path else {
      throw Fault(.notACgroup, "the process is in no group of cgroup v2", path: file)
    }
    guard !membership.isDeleted else {
      throw Fault(.groupGone, "the process's group was removed", path: file)
    }
    let mount = try mount()
    guard let relative = mount.relativePath(of: path) else {
      throw Fault(
        .noSuchGroup, "the group \(excerpt(path)) isn't within the part that is mounted",
        path: mount.mountPoint,
        mend: "mount the cgroup2 file system of the namespace that the process is in")
    }
    return try Cgroup(path: mount.mountPoint + relative)
  }

  private static func mount() throws(Fault) -> CgroupMount {
    guard let mount = try readProcFile("/proc/self/mountinfo", as: MountTable.self).cgroup2 else {
      throw Fault(
        .notACgroup, "no cgroup2 file system is mounted", path: "/proc/self/mountinfo",
        mend: "boot with systemd.unified_cgroup_hierarchy=1, or mount -t cgroup2 none DIRECTORY")
    }
    return mount
  }

  private static func readProcFile<Value: KernelReadable>(
    _ path: String, as type: Value.Type
  ) throws(Fault) -> Value {
    let descriptor = SharedDescriptor(
      owning: try systemCall("open", path: path, message: "cannot open the file") {
        open(path, O_RDONLY | O_CLOEXEC)
      })
    var buffer = ReadBuffer()
    try buffer.fill(from: descriptor.rawValue, path: path, calls: .kernel)
    return try buffer.withBytes { (bytes) throws(Fault) in try Value(parsing: bytes) }
  }
}

/// Where the cgroup2 file system is mounted, and which part of it.
struct CgroupMount: Hashable {
  /// The group that appears at the mount point, seen from the cgroup namespace's root.
  var root: String
  var mountPoint: String

  /// Where a group is beneath the mount point: empty, or with a slash at its head.
  func relativePath(of group: String) -> String? {
    if root == "/" { return group == "/" ? "" : group }
    if group == root { return "" }
    return group.hasPrefix(root + "/") ? String(group.dropFirst(root.count)) : nil
  }
}

/// /proc/PID/mountinfo, reduced to the first mount of cgroup2: proc_pid_mountinfo(5).
struct MountTable: KernelReadable {
  var cgroup2: CgroupMount?

  init(parsing bytes: UnsafeBufferPointer<UInt8>) throws(Fault) {
    var scanner = ByteScanner(bytes)
    while var line = scanner.line() {
      // Id, parent, device, root, mount point, options, any number of tags, a dash, type, source, options.
      guard line.word() != nil, line.word() != nil, line.word() != nil, let root = line.word(),
        let mountPoint = line.word()
      else { continue }
      while let word = line.word(), !word.equals("-") {}
      guard cgroup2 == nil, line.word()?.equals("cgroup2") == true else { continue }
      cgroup2 = CgroupMount(root: Self.unescape(root), mountPoint: Self.unescape(mountPoint))
    }
  }

  /// Undoes the kernel's octal escapes of blanks and backslashes: `\040`.
  static func unescape(_ field: ByteScanner) -> String {
    var result: [UInt8] = []
    let bytes = field.rest
    var index = 0
    while index < bytes.count {
      if bytes[index] == UInt8(ascii: "\\"), index + 3 < bytes.count,
        let code = UInt8(String(decoding: bytes[(index + 1)...(index + 3)], as: UTF8.self), radix: 8)
      {
        result.append(code)
        index += 4
      } else {
        result.append(bytes[index])
        index += 1
      }
    }
    return String(decoding: result, as: UTF8.self)
  }
}

/// /proc/PID/cgroup: cgroups(7). The line of cgroup v2 starts with `0::`.
struct Membership: KernelReadable {
  var path: String?
  var isDeleted = false

  init(parsing bytes: UnsafeBufferPointer<UInt8>) throws(Fault) {
    var scanner = ByteScanner(bytes)
    let deleted = " (deleted)"
    while var line = scanner.line() {
      guard line.take(upTo: UInt8(ascii: ":")).equals("0"), line.skip(UInt8(ascii: ":")) else { continue }
      let text = line.text
      isDeleted = text.hasSuffix(deleted)
      path = isDeleted ? String(text.dropLast(deleted.count)) : text
    }
  }
}
