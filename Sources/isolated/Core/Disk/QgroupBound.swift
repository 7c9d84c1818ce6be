import CLinux
import Faults
import Glibc
import Kernel

extension Fault.Code {
  /// A btrfs file system's quota groups are being counted, so that limits mean nothing yet.
  static let diskBeingCounted: Self = "disk.being-counted"
}

/// A tenant's bound on one btrfs file system: a quota group of level 1 that its subvolumes are members of.
///
/// The groups of level 0 are the administrator's, with whatever limits they have; the kernel enforces all.
struct QgroupBound {
  let group: QgroupName

  /// Counting a file system anew takes as long as it has extents. A start doesn't wait longer than this.
  static let longestWait = 30 * 1_000_000
  private static let step = 100_000

  /// Bounds `subvolumes`, and no others, to `bytes` in all. `file` is any of the file system.
  ///
  /// What they hold counts from here on. Where they share it with snapshots, the file system has to be counted anew, as
  /// after anything else that the kernel couldn't follow: that is started, and waited for.
  func apply(to subvolumes: Set<UInt64>, bytes: UInt64, file: Int32, path: String) throws(Fault) {
    let top = try BtrfsQuota.openTop(file, path: path)
    let file = top.rawValue
    // A count that is under way would miss the members that come now.
    try settle(file, path, startsCount: false)
    try call("cannot make the tenant's quota group \(group)", path, expecting: [EEXIST]) {
      clinux_qgroup_create(file, group.number)
    }
    try call("cannot set the limit of the tenant's quota group \(group)", path) {
      clinux_qgroup_limit(file, group.number, bytes)
    }
    let plan = QgroupPlan(wanted: subvolumes, present: try BtrfsQuota.members(of: group, file, path: path))
    for member in plan.added {
      let name = QgroupName(subvolume: member)
      try call("cannot put the quota group \(name) into the tenant's, \(group)", path, expecting: [EEXIST]) {
        clinux_qgroup_assign(file, name.number, group.number)
      }
    }
    for member in plan.removed { try unassign(member, file, path) }
    try settle(file, path, startsCount: true)
  }

  /// Takes the group away, if it is there.
  func remove(file: Int32, path: String) throws(Fault) {
    let top = try BtrfsQuota.openTop(file, path: path)
    let file = top.rawValue
    for member in try BtrfsQuota.members(of: group, file, path: path) { try unassign(member, file, path) }
    // ENOTCONN: quotas are off, and all groups have gone with them; EINVAL in kernels before 5.10.
    try call("cannot remove the tenant's quota group \(group)", path, expecting: [ENOENT, ENOTCONN, EINVAL]) {
      clinux_qgroup_remove(file, group.number)
    }
    // The administrator's groups are to be right again; nobody waits for that.
    if QgroupRecount(try BtrfsQuota.state(file, path: path)) == .start { try startCount(file, path) }
  }

  private func unassign(_ member: UInt64, _ file: Int32, _ path: String) throws(Fault) {
    let name = QgroupName(subvolume: member)
    try call("cannot take the quota group \(name) out of the tenant's, \(group)", path, expecting: [ENOENT]) {
      clinux_qgroup_unassign(file, name.number, group.number)
    }
  }

  private func startCount(_ file: Int32, _ path: String) throws(Fault) {
    try call("cannot have the file system's quota groups counted anew", path, expecting: [EINPROGRESS]) {
      clinux_qgroup_rescan(file)
    }
  }

  /// Waits until the file system's figures are right, or, without `startsCount`, until no count is under way.
  private func settle(_ file: Int32, _ path: String, startsCount: Bool) throws(Fault) {
    var waited = 0
    while true {
      switch QgroupRecount(try BtrfsQuota.state(file, path: path)) {
      case .done: return
      case .wait: break
      case .start:
        guard startsCount else { return }
        try startCount(file, path)
      }
      guard waited < Self.longestWait else {
        throw Fault(
          .diskBeingCounted,
          "the quota groups of the file system are still being counted, and limits mean nothing until that is done",
          path: path, mend: "wait for it, and start the tenant then: btrfs quota rescan -w \(path)")
      }
      usleep(useconds_t(Self.step))
      waited += Self.step
    }
  }

  /// Makes a call in which some errors say that what is asked for holds already.
  private func call(
    _ message: @autoclosure () -> String, _ path: String, expecting expected: [Int32] = [], _ body: () -> Int32
  ) throws(Fault) {
    do throws(Fault) {
      try systemCall("ioctl", path: path, message: message(), body)
    } catch {
      guard let number = error.errno?.number, expected.contains(number) else { throw error }
    }
  }
}
