import Faults

extension Fault.Code {
  /// The path is no directory of a cgroup2 file system.
  public static let notACgroup: Self = "cgroup.not-a-cgroup"
  /// A group's name that the kernel or this library doesn't allow.
  public static let invalidGroupName: Self = "cgroup.invalid-name"
  /// No group stands at the path.
  public static let noSuchGroup: Self = "cgroup.no-such-group"
  /// A group of that name is already there.
  public static let groupExists: Self = "cgroup.exists"
  /// The group was removed while it was in use.
  public static let groupGone: Self = "cgroup.gone"
  /// The group can't be removed: it still has processes or child groups.
  public static let groupBusy: Self = "cgroup.busy"
  /// A limit on the number or the depth of groups was reached.
  public static let tooManyGroups: Self = "cgroup.too-many-groups"
  /// The group's parent doesn't hand the file's controller down.
  public static let controllerNotEnabled: Self = "cgroup.controller-not-enabled"
  /// The controller isn't among those that the group can hand down.
  public static let controllerUnavailable: Self = "cgroup.controller-unavailable"
  /// A controller can't be disabled, since child groups hand it down themselves.
  public static let controllerInUse: Self = "cgroup.controller-in-use"
  /// A group that holds processes can't hand domain controllers to children.
  public static let internalProcesses: Self = "cgroup.internal-processes"
  /// The kernel has no such interface file.
  public static let noSuchFile: Self = "cgroup.no-such-file"
  /// The kernel knows no such block device.
  public static let noSuchDevice: Self = "cgroup.no-such-device"
  /// There is no process of that id here.
  public static let noSuchProcess: Self = "cgroup.no-such-process"
  /// The kernel refused a value, or a value makes no sense.
  public static let invalidValue: Self = "cgroup.invalid-value"
  /// The value lies outside the range that the file takes.
  public static let valueOutOfRange: Self = "cgroup.out-of-range"
  /// The kernel, or the kind of group, doesn't support the operation.
  public static let unsupportedOperation: Self = "cgroup.unsupported"
  /// The caller lacks the permission.
  public static let permissionDenied: Self = "cgroup.permission-denied"
  /// An interface file held text that its documented format doesn't allow.
  public static let unreadableText: Self = "cgroup.unreadable-text"
  /// What was waited for didn't happen in the time given.
  public static let timedOut: Self = "cgroup.timed-out"
  /// The task that was waiting was cancelled.
  public static let cancelled: Self = "cgroup.cancelled"
  /// The kernel reclaimed less memory than was asked for.
  public static let reclaimIncomplete: Self = "cgroup.reclaim-incomplete"
  /// The kernel refused a device program, or a filter can't be expressed as one.
  public static let deviceProgramRefused: Self = "cgroup.device-program-refused"
}
