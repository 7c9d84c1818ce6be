import CgroupKit
import Faults
import Glibc

/// Groups as directories of plain files in the kernel's format.
struct Tree {
  let root: String
  let groups: [(name: String, group: Cgroup)]

  private static let pressure =
    "some avg10=0.12 avg60=1.34 avg300=0.56 total=123456789\nfull avg10=0.00 avg60=0.12 avg300=0.05 total=98765432\n"
  /// As Linux 6.12 writes them, for a tenant that has two disks.
  private static let files: [(name: String, text: String)] = [
    ("cgroup.controllers", "cpuset cpu io memory pids\n"),
    (
      "cpu.stat",
      "usage_usec 1234567890\nuser_usec 1034567890\nsystem_usec 200000000\nnice_usec 0\n"
        + "core_sched.force_idle_usec 0\nnr_periods 12345\nnr_throttled 123\nthrottled_usec 4567890\n"
        + "nr_bursts 0\nburst_usec 0\n"
    ),
    ("memory.current", "134217728\n"), ("memory.peak", "234217728\n"), ("memory.swap.current", "0\n"),
    (
      "memory.events",
      "low 0\nhigh 1234\nmax 12\noom 1\noom_kill 1\noom_group_kill 0\n"
    ),
    ("pids.current", "17\n"),
    (
      "io.stat",
      "8:0 rbytes=123456789012 wbytes=23456789012 rios=12345678 wios=2345678 dbytes=0 dios=0\n"
        + "259:3 rbytes=123456789012 wbytes=23456789012 rios=12345678 wios=2345678 dbytes=0 dios=0\n"
    ),
    ("cpu.pressure", pressure), ("memory.pressure", pressure), ("io.pressure", pressure),
  ]

  init(tenants: Int) throws(Fault) {
    var template = Array("/dev/shm/scrape-bench-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw Fault(.systemCallFailed, "no directory on tmpfs", systemCall: "mkdtemp", errno: ErrorNumber(errno))
    }
    root = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    var groups: [(name: String, group: Cgroup)] = []
    for index in 0..<tenants {
      let path = "\(root)/tenant-\(index)"
      mkdir(path, 0o700)
      for file in Self.files {
        let number = open("\(path)/\(file.name)", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        var text = file.text
        text.withUTF8 { _ = write(number, $0.baseAddress, $0.count) }
        close(number)
      }
      groups.append(("tenant-\(index)", try Cgroup(plainDirectory: path)))
    }
    self.groups = groups
  }

  /// Removes it all.
  func remove() {
    for (name, _) in groups {
      for file in Self.files { unlink("\(root)/\(name)/\(file.name)") }
      rmdir("\(root)/\(name)")
    }
    rmdir(root)
  }
}
