import Glibc
import Testing

@testable import IOCalibration

/// Makes a directory of a test's own.
func temporaryDirectory() throws -> String {
  let template = try #require(strdup("/tmp/io-calibration-tests.XXXXXX"))
  defer { free(template) }
  return String(cString: try #require(mkdtemp(template)))
}

/// Removes a directory with all that is in it; the trees of these tests hold no links.
func removeTree(_ path: String) {
  for name in SystemTree().names(path) { removeTree("\(path)/\(name)") }
  remove(path)
}

/// A directory tree that stands for a host's /sys and /proc; gone with this object.
final class FakeSystem {
  let root: String
  var tree: SystemTree { SystemTree(root: root) }

  init() throws {
    root = try temporaryDirectory()
  }

  deinit {
    removeTree(root)
  }

  func directory(_ path: String) {
    var made = root
    for part in path.split(separator: "/") {
      made += "/" + part
      mkdir(made, 0o755)
    }
  }

  func file(_ path: String, _ text: String) { file(path, Array(text.utf8)) }

  func file(_ path: String, _ bytes: [UInt8]) {
    directory(path.split(separator: "/").dropLast().joined(separator: "/"))
    guard let file = fopen(root + path, "w") else { return }
    fwrite(bytes, 1, bytes.count, file)
    fclose(file)
  }

  /// A disk as the kernel shows one.
  func disk(_ name: String, number: String, gibibytes: Int = 10, hasQueue: Bool = true) {
    let path = "/sys/block/\(name)"
    file(path + "/dev", number + "\n")
    file(path + "/size", "\(gibibytes << 21)\n")
    file(path + "/ro", "0\n")
    file(path + "/queue/scheduler", hasQueue ? "[none] mq-deadline bfq\n" : "none\n")
    file(path + "/queue/rotational", "0\n")
    file(path + "/queue/nr_requests", "1023\n")
    file(path + "/queue/max_sectors_kb", "512\n")
    file(path + "/queue/write_cache", "write back\n")
    directory(path + "/holders")
    directory(path + "/slaves")
    if hasQueue { directory(path + "/mq/0") }
  }

  /// cgroup v2 with everything that Debian's kernel has.
  func cgroups(mounts: String = "") {
    file(
      "/proc/self/mountinfo",
      "24 30 0:22 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw\n" + mounts)
    file("/sys/fs/cgroup/cgroup.controllers", "cpuset cpu io memory pids\n")
    file("/sys/fs/cgroup/io.cost.qos", "")
    for knob in ["io.stat", "io.max", "io.weight"] { file("/sys/fs/cgroup/system.slice/\(knob)", "") }
    file("/proc/pressure/io", "some avg10=0.00\n")
    file("/sys/kernel/btf/vmlinux", "x")
  }
}
