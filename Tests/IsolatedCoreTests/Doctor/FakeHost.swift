import Faults
import Glibc
import IOCalibration

@testable import isoctl

/// A host made of files in a directory that goes with it: by default one that can enforce everything.
final class FakeHost {
  let root: String
  var doctor: DoctorHost

  private static let unit = "sys/fs/cgroup/isolated.slice/isolated-tenants.service"
  private static let controllers = "cpuset cpu io memory hugetlb pids rdma misc"

  init() throws {
    var template = Array("/tmp/isolated-doctor-XXXXXX".utf8CString)
    guard let made = mkdtemp(&template) else { throw Failure() }
    root = String(cString: made)
    let yes = KernelAnswer.yes(1)
    let disk = SampleDisk.facts()
    doctor = DoctorHost(
      tree: SystemTree(root: root),
      kernel: KernelAnswers(
        release: "6.12.57+deb13-cloud-amd64", machine: "x86_64", executableMemory: yes, pidfd: yes, clone3: yes,
        openat2: yes, landlock: .yes(6), seccompFilter: yes, seccompLog: yes, seccompNotification: yes,
        coreScheduling: yes, namespaces: Dictionary(uniqueKeysWithValues: KernelAnswers.kinds.map { ($0.name, yes) }),
        deviceFilter: yes),
      caller: .init(user: 0, groups: [0]),
      systemd: SystemdAnswers(
        version: "257.8-1~deb13u2",
        units: [
          "isolated.service": [
            "LoadState": "loaded", "ActiveState": "active", "UnitFileState": "enabled", "LimitNOFILE": "524288",
          ],
          "isolated-tenants.service": ["LoadState": "loaded", "ActiveState": "active", "Delegate": "yes"],
        ]),
      daemon: DaemonAnswer(
        socket: "/run/isolated/io.isolated",
        reach: .answers(version: "0.1.0", controllers: ["cpu", "cpuset", "io", "memory", "pids"])),
      disks: [disk], calibration: { _ in SampleDisk.calibration(of: disk) }, mapsIds: { _ in yes }, now: SampleDisk.now)
    try writeUsual()
  }

  private func writeUsual() throws {
    try write(
      "proc/self/mountinfo",
      """
      22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw,prjquota
      23 22 0:21 / /proc rw,relatime - proc proc rw
      24 22 0:22 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate
      25 23 0:40 / /proc/sys/fs/binfmt_misc rw - autofs systemd-1 rw

      """)
    try write(
      "proc/filesystems",
      ["proc", "tmpfs", "devpts", "mqueue", "cgroup2", "overlay", "resctrl"]
        .map { "nodev\t\($0)\n" }.joined())
    try write("proc/self/uid_map", "         0          0 4294967295\n")
    try write("proc/1/status", "Name:\tsystemd\nCapBnd:\t000001ffffffffff\n")
    try write("proc/pressure/io", "some avg10=0.00 avg60=0.00 avg300=0.00 total=0\n")
    try write("proc/swaps", "Filename\t\t\tType\t\tSize\n")
    for kind in KernelAnswers.kinds { try write("proc/self/ns/\(kind.name)", "") }
    for kind in ["user", "mnt", "pid", "net", "ipc", "uts", "cgroup"] {
      try write("proc/sys/user/max_\(kind)_namespaces", "15000\n")
    }
    try write("proc/sys/kernel/pid_max", "4194304\n")
    try write("sys/kernel/btf/vmlinux", "x")
    try write("sys/kernel/security/lsm", "lockdown,capability,landlock")
    try write("sys/kernel/security/lockdown", "[none] integrity confidentiality\n")
    try write("sys/fs/resctrl/schemata", "L3:0=fff\n")
    try write("sys/devices/system/clocksource/clocksource0/current_clocksource", "tsc\n")
    for directory in ["sys/fs/cgroup", "sys/fs/cgroup/isolated.slice", Self.unit] {
      try write(directory + "/cgroup.controllers", Self.controllers + "\n")
      try write(directory + "/cgroup.subtree_control", Self.controllers + "\n")
    }
    try write("etc/group", "root:x:0:\nisolated:x:\(getegid()):\n")
    try write("run/systemd/system/x", "")
    try write("run/systemd/journal/stdout", "")
    try write("run/isolated/io.isolated", "", mode: 0o660)
    try write("usr/lib/isolated/tenant-init", "x", mode: 0o755)
    try write("usr/lib/isolated/iolatency.bpf.o", "x", mode: 0o644)
  }

  /// Writes a file, with its directories.
  func write(_ path: String, _ text: String, mode: mode_t = 0o644) throws {
    var directory = root
    for part in path.split(separator: "/").dropLast() {
      directory += "/" + part
      mkdir(directory, 0o755)
    }
    let file = open(root + "/" + path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard file >= 0 else { throw Failure() }
    defer { close(file) }
    guard Glibc.write(file, text, text.utf8.count) == text.utf8.count, fchmod(file, mode) == 0 else { throw Failure() }
  }

  /// Removes a file.
  func remove(_ path: String) { unlink(root + "/" + path) }

  /// The report of the host as it is now.
  var report: DoctorReport { DoctorReport(doctor) }

  /// The check of an id; nil where there is none.
  func check(_ id: String) -> HostCheck? { report.checks.first { $0.id == id } }

  deinit { Self.removeAll(root) }

  private static func removeAll(_ path: String) {
    for name in SystemTree().names(path) where unlink("\(path)/\(name)") != 0 { removeAll("\(path)/\(name)") }
    rmdir(path)
  }

  struct Failure: Error {}
}
