import Faults
import FoundationEssentials
import Glibc
import Kernel

@testable import CgroupKit

/// The kernel's side of cgroup v2, put under a directory of plain files: what mkdir, rmdir and writes do there.
///
/// It differs from the kernel in that a file's descriptor outlives the file, that nothing is accounted, and that
/// freezing only says so. What it shares: which files there are, what they print, and which errors writes give.
final class FakeKernel: Sendable {
  let root: String

  static let controllers = ["cpu", "cpuset", "hugetlb", "io", "memory", "misc", "pids", "rdma"]
  private static let threadedControllers: Set = ["cpu", "cpuset", "pids"]

  /// The one disk and its partition, as the fake io controller sees them.
  static let disk = DeviceNumber(major: 8, minor: 0)

  /// Makes a tree whose root is a group that may hand all controllers down.
  init() throws {
    let base = FileManager.default.fileExists(atPath: "/dev/shm") ? "/dev/shm" : "/tmp"
    var template = Array("\(base)/cgroupkit-fake-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw Fault(.systemCallFailed, "no fake tree", errno: ErrorNumber(errno))
    }
    let bytes = template.dropLast().map { UInt8(bitPattern: $0) }
    root = String(decoding: bytes, as: UTF8.self) + "/root"
    guard mkdir(root, 0o755) == 0 else {
      throw Fault(.systemCallFailed, "no fake tree", errno: ErrorNumber(errno))
    }
    populate(root, available: Self.controllers, handedDown: Self.controllers)
  }

  deinit {
    let parent = String(root.dropLast("/root".count))
    try? FileManager.default.removeItem(atPath: parent)
  }

  /// The calls through which a group meets this kernel.
  var calls: FileCalls {
    var calls = FileCalls.kernel
    calls.open = { [self] directory, name, flags in
      let name = String(cString: name)
      if flags & O_RDWR != 0, name.hasSuffix(".pressure") { return openTrigger() }
      // The kernel's files ignore truncation.
      return openat(directory ?? AT_FDCWD, name, flags & ~O_TRUNC)
    }
    calls.write = { [self] file, bytes, count in
      let value = String(decoding: UnsafeRawBufferPointer(start: bytes, count: count), as: UTF8.self)
      guard let path = Self.path(of: file), path.hasPrefix(root) else {
        return Glibc.write(file, bytes, count)
      }
      return answer(write(trim(value), to: path), count)
    }
    calls.makeDirectory = { [self] directory, name in
      guard let parent = Self.path(of: directory) else { return -1 }
      return Int32(answer(makeGroup(String(cString: name), in: parent), 0))
    }
    calls.removeDirectory = { [self] directory, name in
      guard let parent = Self.path(of: directory) else { return -1 }
      return Int32(answer(removeGroup("\(parent)/\(String(cString: name))"), 0))
    }
    calls.isCgroup2 = { _ in 1 }
    return calls
  }

  /// Has something happen to a group that only a kernel can cause, for example an OOM kill.
  func set(_ file: String, of group: String, to text: String) { Self.put(text, in: "\(group)/\(file)") }

  private func answer(_ error: Int32, _ success: Int) -> Int {
    if error == 0 { return success }
    errno = error
    return -1
  }

  // MARK: Files

  static func path(of descriptor: Int32) -> String? {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let length = readlink("/proc/self/fd/\(descriptor)", &buffer, buffer.count)
    guard length > 0 else { return nil }
    return String(decoding: buffer.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Replaces a file's text in one write, so that a reader never meets an empty file.
  static func put(_ text: String, in path: String) {
    let file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
    guard file >= 0 else { return }
    defer { close(file) }
    let line = text.isEmpty || text.hasSuffix("\n") ? text : text + "\n"
    let bytes = Array(line.utf8)
    _ = pwrite(file, bytes, bytes.count, 0)
    var information = stat()
    if fstat(file, &information) == 0, information.st_size > bytes.count {
      _ = ftruncate(file, off_t(bytes.count))
    }
  }

  static func get(_ path: String) -> String {
    trim(FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? "")
  }

  private func words(_ path: String) -> [String] { Self.get(path).split(separator: " ").map(String.init) }

  private func children(_ path: String) -> [String] {
    let entries = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    return entries.map { "\(path)/\($0)" }.filter { entry in
      var isDirectory = false
      return FileManager.default.fileExists(atPath: entry, isDirectory: &isDirectory) && isDirectory
    }
  }

  private func subtree(_ path: String) -> [String] { [path] + children(path).flatMap(subtree) }

  // MARK: Groups

  private func makeGroup(_ name: String, in parent: String) -> Int32 {
    guard FileManager.default.fileExists(atPath: "\(parent)/cgroup.procs") else { return ENOENT }
    let limit = Self.get("\(parent)/cgroup.max.descendants")
    if let limit = Int(limit), subtree(parent).count - 1 >= limit { return EAGAIN }
    let path = "\(parent)/\(name)"
    guard mkdir(path, 0o755) == 0 else { return errno }
    let enabled = words("\(parent)/cgroup.subtree_control")
    populate(path, available: enabled, handedDown: enabled)
    return 0
  }

  private func removeGroup(_ path: String) -> Int32 {
    guard FileManager.default.fileExists(atPath: path) else { return ENOENT }
    guard children(path).isEmpty, Self.get("\(path)/cgroup.procs").isEmpty else { return EBUSY }
    // The kernel's rmdir takes the interface files along.
    for entry in (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] {
      unlink("\(path)/\(entry)")
    }
    return rmdir(path) == 0 ? 0 : errno
  }

  private func populate(_ path: String, available: [String], handedDown: [String]) {
    let core = [
      "cgroup.controllers": available.joined(separator: " "), "cgroup.subtree_control": "",
      "cgroup.procs": "", "cgroup.threads": "", "cgroup.events": "populated 0\nfrozen 0",
      "cgroup.freeze": "0", "cgroup.kill": "", "cgroup.type": "domain", "cgroup.max.depth": "max",
      "cgroup.max.descendants": "max", "cgroup.stat": "nr_descendants 0\nnr_dying_descendants 0",
      "cgroup.pressure": "1", "cpu.stat": FakeFiles.cpuStat,
    ]
    for (file, text) in core { Self.put(text, in: "\(path)/\(file)") }
    for resource in ["cpu", "memory", "io", "irq"] {
      Self.put(
        resource == "irq" ? FakeFiles.irqPressure : FakeFiles.pressure, in: "\(path)/\(resource).pressure")
    }
    for controller in handedDown { addFiles(of: controller, to: path) }
  }

  private func addFiles(of controller: String, to path: String) {
    for (file, text) in FakeFiles.initial[controller] ?? [:] { Self.put(text, in: "\(path)/\(file)") }
  }

  // MARK: Writes

  private func write(_ value: String, to path: String) -> Int32 {
    let file = String(path.split(separator: "/").last ?? "")
    let group = String(path.dropLast(file.count + 1))
    switch file {
    case "cgroup.procs", "cgroup.threads": return move(value, to: group)
    case "cgroup.subtree_control": return control(value, group)
    case "cgroup.freeze": return freeze(value, group)
    case "cgroup.kill": return value == "1" ? kill(group) : EINVAL
    default: break
    }
    let current = Self.get(path)
    switch FakeFiles.accept(value, file: file, current: current) {
    case .success(let text):
      Self.put(text, in: path)
      return 0
    case .failure(let refusal):
      return refusal.number
    }
  }

  private func move(_ value: String, to group: String) -> Int32 {
    guard let process = pid_t(value) else { return EINVAL }
    guard Glibc.kill(process, 0) == 0 else { return ESRCH }
    if group != root,
      words("\(group)/cgroup.subtree_control").contains(where: { !Self.threadedControllers.contains($0) })
    {
      return EBUSY
    }
    for other in subtree(root) {
      let members = lines("\(other)/cgroup.procs")
      guard members.contains(value) else { continue }
      Self.put(members.filter { $0 != value }.joined(separator: "\n"), in: "\(other)/cgroup.procs")
    }
    let members = lines("\(group)/cgroup.procs") + [value]
    Self.put(members.joined(separator: "\n"), in: "\(group)/cgroup.procs")
    Self.put(members.joined(separator: "\n"), in: "\(group)/cgroup.threads")
    updateStates()
    return 0
  }

  private func control(_ value: String, _ group: String) -> Int32 {
    var enabled = words("\(group)/cgroup.subtree_control")
    let offered = words("\(group)/cgroup.controllers")
    for word in value.split(separator: " ") {
      let name = String(word.dropFirst())
      guard Self.controllers.contains(name) else { return EINVAL }
      if word.hasPrefix("+") {
        guard offered.contains(name) else { return ENOENT }
        if group != root, !Self.get("\(group)/cgroup.procs").isEmpty { return EBUSY }
        if !enabled.contains(name) { enabled.append(name) }
      } else {
        let isUsed = children(group).contains { words("\($0)/cgroup.subtree_control").contains(name) }
        if isUsed { return EBUSY }
        enabled.removeAll { $0 == name }
      }
    }
    let before = words("\(group)/cgroup.subtree_control")
    Self.put(enabled.sorted().joined(separator: " "), in: "\(group)/cgroup.subtree_control")
    for child in children(group) {
      Self.put(enabled.sorted().joined(separator: " "), in: "\(child)/cgroup.controllers")
      for name in enabled where !before.contains(name) { addFiles(of: name, to: child) }
      for name in before where !enabled.contains(name) {
        for file in FakeFiles.initial[name]?.keys ?? [:].keys { unlink("\(child)/\(file)") }
      }
    }
    return 0
  }

  private func freeze(_ value: String, _ group: String) -> Int32 {
    guard value == "0" || value == "1" else { return value.isEmpty || Int(value) == nil ? EINVAL : ERANGE }
    Self.put(value, in: "\(group)/cgroup.freeze")
    updateStates()
    return 0
  }

  private func kill(_ group: String) -> Int32 {
    for member in subtree(group) {
      for process in lines("\(member)/cgroup.procs") {
        if let process = pid_t(process) { _ = Glibc.kill(process, SIGKILL) }
      }
      Self.put("", in: "\(member)/cgroup.procs")
      Self.put("", in: "\(member)/cgroup.threads")
    }
    updateStates()
    return 0
  }

  private func lines(_ path: String) -> [String] { Self.get(path).split(separator: "\n").map(String.init) }

  private func updateStates() { updateStates(root, isFrozenAbove: false) }

  private func updateStates(_ group: String, isFrozenAbove: Bool) {
    let isFrozen = isFrozenAbove || Self.get("\(group)/cgroup.freeze") == "1"
    let isPopulated = subtree(group).contains { !Self.get("\($0)/cgroup.procs").isEmpty }
    let text = "populated \(isPopulated ? 1 : 0)\nfrozen \(isFrozen ? 1 : 0)"
    // Like the kernel, it tells of changes only.
    if Self.get("\(group)/cgroup.events") != text { Self.put(text, in: "\(group)/cgroup.events") }
    for child in children(group) { updateStates(child, isFrozenAbove: isFrozen) }
  }

  // MARK: Pressure

  /// The test's ends of pressure triggers, by the group's ends: urgent data on a socket is EPOLLPRI, as a trigger is.
  private let triggers = Guarded<[Int32]>([])

  private func openTrigger() -> Int32 {
    var ends: [Int32] = [0, 0]
    guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0
    else {
      return -1
    }
    let far = ends[1]
    triggers.withLock { $0.append(far) }
    return ends[0]
  }

  /// What was asked of each trigger so far.
  func triggerRequests() -> [String] {
    triggers.withLock { ends in
      ends.map { end in
        var buffer = [UInt8](repeating: 0, count: 128)
        let count = recv(end, &buffer, buffer.count, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT))
        return String(decoding: buffer.prefix(max(count, 0)), as: UTF8.self)
      }
    }
  }

  /// Raises every trigger.
  func raiseTriggers() {
    triggers.withLock { ends in
      for end in ends { _ = send(end, [1], 1, Int32(MSG_OOB)) }
    }
  }
}

/// The text without the blanks at both ends.
private func trim(_ text: String) -> String {
  let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\n" || $0 == "\t" }
  let start = text.drop(while: isBlank)
  return String(start.reversed().drop(while: isBlank).reversed())
}
