import CLinux
import Faults
import Glibc
import IOCalibration
import Kernel

extension DoctorHost {
  /// The host that this process runs on.
  static func current(_ connection: Connection) -> DoctorHost {
    let tree = SystemTree()
    let root = geteuid() == 0
    return DoctorHost(
      tree: tree, kernel: .current(tree, isRoot: root), caller: Caller(user: geteuid(), groups: ownGroups()),
      systemd: .current(tree), daemon: .current(connection), disks: DiskFacts.all(tree),
      calibration: { id throws(Fault) in try CalibrationStore.load(id: id) },
      mapsIds: { path in root ? mapsIds(path) : .notAsked("only root may try") }, now: Int64(time(nil)))
  }

  private static func ownGroups() -> [UInt32] {
    let count = getgroups(0, nil)
    guard count > 0 else { return [getegid()] }
    var groups = [gid_t](repeating: 0, count: Int(count))
    let got = getgroups(count, &groups)
    return [getegid()] + groups.prefix(Int(max(got, 0)))
  }

  /// Maps the ids of a copy of the mount that no process sees and that is gone with its descriptor.
  private static func mapsIds(_ path: String) -> KernelAnswer {
    let copy = clinux_mount_clone(AT_FDCWD, path, 0)
    guard copy >= 0 else { return .no(ErrorNumber(errno)) }
    let mount = OwnedDescriptor(owning: copy)
    // A range of the daemon's: what it is doesn't matter, since nobody lives in it.
    let made = clinux_probe_user_namespace(268_435_456)
    guard made >= 0 else { return .no(ErrorNumber(errno)) }
    let namespace = OwnedDescriptor(owning: made)
    return KernelAnswer { clinux_mount_map_ids(mount.rawValue, namespace.rawValue) }
  }
}

extension KernelAnswer {
  /// Asks.
  init(_ ask: () -> Int32) {
    let result = ask()
    self = result >= 0 ? .yes(Int(result)) : .no(ErrorNumber(errno))
  }
}

extension KernelAnswers {
  static func current(_ tree: SystemTree, isRoot: Bool) -> KernelAnswers {
    var name = utsname()
    uname(&name)
    return KernelAnswers(
      release: withUnsafeBytes(of: &name.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) },
      machine: withUnsafeBytes(of: &name.machine) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) },
      executableMemory: closing { clinux_memfd_sealed("isoctl-doctor", "", 0, 1) },
      pidfd: closing { clinux_pidfd_open(getpid(), 0) }, clone3: KernelAnswer(clinux_probe_clone3),
      openat2: KernelAnswer(clinux_probe_openat2), landlock: KernelAnswer(clinux_probe_landlock),
      // SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_LOG and SECCOMP_RET_USER_NOTIF of <linux/seccomp.h>.
      seccompFilter: KernelAnswer { clinux_probe_seccomp_action(0x8000_0000) },
      seccompLog: KernelAnswer { clinux_probe_seccomp_action(0x7ffc_0000) },
      seccompNotification: KernelAnswer { clinux_probe_seccomp_action(0x7fc0_0000) },
      coreScheduling: KernelAnswer(clinux_probe_core_scheduling), namespaces: namespaces(isRoot: isRoot),
      deviceFilter: isRoot ? deviceFilter(tree) : .notAsked("only root may try"))
  }

  /// The kinds of namespaces that tenants have, by their names in /proc/PID/ns, with CLONE_NEW* of <linux/sched.h>.
  static let kinds: [(name: String, flag: Int32)] = [
    ("user", 0), ("mnt", 0x0002_0000), ("pid", 0x2000_0000), ("net", 0x4000_0000), ("ipc", 0x0800_0000),
    ("uts", 0x0400_0000), ("cgroup", 0x0200_0000), ("time", 0x0000_0080),
  ]

  private static func namespaces(isRoot: Bool) -> [String: KernelAnswer] {
    var answers: [String: KernelAnswer] = [:]
    for kind in kinds {
      // Rules for users, such as AppArmor's, would be taken for the daemon's.
      answers[kind.name] =
        isRoot ? KernelAnswer { clinux_probe_namespaces(kind.flag) } : .notAsked("only root can tell")
    }
    return answers
  }

  private static func deviceFilter(_ tree: SystemTree) -> KernelAnswer {
    guard let top = CgroupLayout.hierarchy(MountTable(tree)) else { return .notAsked("cgroup v2 is not mounted") }
    let number = open(top.point, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard number >= 0 else { return .no(ErrorNumber(errno)) }
    let group = OwnedDescriptor(owning: number)
    return KernelAnswer {
      var ids = [UInt32](repeating: 0, count: 64)
      var count = UInt32(ids.count)
      return clinux_bpf_query_cgroup_device(group.rawValue, &ids, &count)
    }
  }

  private static func closing(_ open: () -> Int32) -> KernelAnswer {
    let number = open()
    guard number >= 0 else { return .no(ErrorNumber(errno)) }
    close(number)
    return .yes(0)
  }
}
