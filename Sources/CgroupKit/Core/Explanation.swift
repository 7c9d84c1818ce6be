import Faults
import Glibc

/// Turns a bare error number of a cgroup file into what it means there, and how to mend it.
enum Explanation {
  /// A group couldn't be opened.
  static func opening(_ fault: Fault) -> Fault {
    var explained = fault
    switch fault.errno?.number {
    case ENOENT:
      explained.code = .noSuchGroup
      explained.mend = "create the group first"
    case ENOTDIR, ELOOP:
      explained.code = .notACgroup
      explained.mend = "a group is a directory, not a file or a symbolic link"
    case EACCES, EPERM:
      permission(&explained)
    default: break
    }
    return explained
  }

  /// A child group couldn't be created.
  static func creating(_ fault: Fault, in parent: Cgroup) -> Fault {
    var explained = fault
    switch fault.errno?.number {
    case EEXIST:
      explained.code = .groupExists
      explained.mend = "open it with child(_:), or choose another name"
    case EAGAIN:
      explained.code = .tooManyGroups
      explained.mend =
        "raise cgroup.max.descendants or cgroup.max.depth of an ancestor, or remove unused groups"
    case ENOENT, ENODEV:
      explained.code = .groupGone
      explained.mend = "the parent was removed; open or create it again"
    case EACCES, EPERM, EROFS:
      permission(&explained)
    default: break
    }
    return explained
  }

  /// A file of `group` couldn't be opened or read.
  static func reading(_ fault: Fault, file: String, of group: Cgroup) -> Fault {
    var explained = fault
    switch fault.errno?.number {
    case ENOENT, ENODEV: absence(&explained, file: file, of: group)
    case EOPNOTSUPP: unsupported(&explained, file: file)
    case EACCES, EPERM, EROFS: permission(&explained)
    default: break
    }
    return explained
  }

  /// `value` couldn't be written to a file of `group`.
  static func writing(_ fault: Fault, value: String, file: String, of group: Cgroup) -> Fault {
    var explained = fault
    explained.message = "cannot write \(excerpt(value))"
    switch fault.errno?.number {
    case ENOENT:
      absence(&explained, file: file, of: group)
    case ENODEV where file.hasPrefix("io.") && !group.isGone:
      explained.code = .noSuchDevice
      explained.mend =
        "no such block device, or a partition: \(file) wants the major:minor number of a whole disk (see lsblk)"
    case ENODEV:
      absence(&explained, file: file, of: group)
    case ERANGE:
      explained.code = .valueOutOfRange
      explained.mend = FileFacts.values(of: file) ?? "the value lies outside the range that \(file) takes"
    case EINVAL:
      explained.code = .invalidValue
      explained.mend = FileFacts.values(of: file) ?? "the kernel doesn't take this value for \(file)"
    case EBUSY:
      explained.code = .groupBusy
      explained.mend = FileFacts.busy(file) ?? "the kernel can't change \(file) while the group is in use"
    case EOPNOTSUPP:
      unsupported(&explained, file: file)
    case ENOSPC:
      explained.code = .invalidValue
      explained.mend = "a group with processes can't be left without a CPU or a memory node"
    case EACCES, EPERM, EROFS:
      permission(&explained)
    default: break
    }
    return explained
  }

  /// A process couldn't be moved into `group`.
  static func attaching(_ fault: Fault, to group: Cgroup) -> Fault {
    var explained = fault
    switch fault.errno?.number {
    case ESRCH:
      explained.code = .noSuchProcess
      explained.mend = "the process has ended, or its id is of another PID namespace"
    case EBUSY:
      explained.code = .internalProcesses
      explained.mend = "the group hands controllers to its children: move the process into a leaf beneath it"
    case EOPNOTSUPP:
      explained.code = .unsupportedOperation
      explained.mend = "the group is of type \"domain invalid\": write \"threaded\" to its cgroup.type first"
    case EINVAL:
      explained.code = .invalidValue
      explained.mend =
        "the kernel's own threads and real-time processes (with the cpu controller) can't be moved"
    case ENOSPC:
      explained.code = .invalidValue
      explained.mend = "the group has no CPU or no memory node to run on: set cpuset.cpus and cpuset.mems"
    case ENOENT:
      explained.code = group.isGone ? .groupGone : .permissionDenied
      explained.mend = "source and destination must both lie within the caller's cgroup namespace"
    case ENODEV:
      explained.code = .groupGone
      explained.mend = "the group was removed; create it again"
    case EACCES, EPERM, EROFS:
      explained.code = .permissionDenied
      explained.mend =
        "moving needs write permission on cgroup.procs of the group and of the common ancestor with the source"
    default: break
    }
    return explained
  }

  private static func absence(_ fault: inout Fault, file: String, of group: Cgroup) {
    if group.isGone {
      fault.code = .groupGone
      fault.mend = "the group was removed; create it again"
      return
    }
    let prefix = file.prefix { $0 != "." }
    let controller = Controller(rawValue: String(prefix))
    let hasController = try? group.controllers().contains(controller)
    if prefix != "cgroup", FileFacts.belongsToController(file), hasController == false {
      fault.code = .controllerNotEnabled
      fault.mend =
        "the \(prefix) controller isn't enabled in the parent's cgroup.subtree_control: call enable([.\(prefix)])"
        + " on the parent; where the root group's cgroup.controllers lacks it, the kernel or a cgroup v1 mount keeps it"
      return
    }
    fault.code = .noSuchFile
    fault.mend =
      FileFacts.needs(file).map { "\(file) needs \($0)" }
      ?? "this kernel has no \(file), or not in this group: the root group has no limits"
  }

  private static func unsupported(_ fault: inout Fault, file: String) {
    fault.code = .unsupportedOperation
    fault.mend =
      if file.hasSuffix(".pressure") {
        "pressure stall information is off: boot with psi=1, or write 1 to the group's cgroup.pressure"
      } else if file == "io.weight" {
        "io.cost isn't on for the device: write its line to io.cost.qos of the root group first"
      } else if file == "io.bfq.weight" {
        "BFQ isn't the device's IO scheduler: write bfq to its queue/scheduler in /sys/block first"
      } else if file.hasPrefix("io.") {
        "the device has no request queue that this controller can steer, or its IO scheduler doesn't support \(file)"
      } else {
        "the group is threaded, or of type \"domain invalid\": see its cgroup.type"
      }
  }

  private static func permission(_ fault: inout Fault) {
    fault.code = .permissionDenied
    fault.mend =
      if fault.errno?.number == EROFS {
        "the cgroup2 file system is mounted read-only here: mount it writable"
      } else {
        "run as root, or have the group delegated to this user (systemd: Delegate=yes)"
      }
  }
}
