import Faults
import Kernel

extension Cgroup {
  /// Hands the group to a user, who may then make groups within it and move processes among them, but not change the
  /// group's own limits.
  ///
  /// It changes the owner of the directory and of the files that the kernel's documentation names for that.
  ///
  /// - Parameters:
  ///   - user: the user's id.
  ///   - group: the group id of the files.
  /// - Throws: `.permissionDenied`, `.groupGone`.
  public func delegate(toUser user: UInt32, group: UInt32) throws(Fault) {
    try changeOwner(of: nil, user: user, group: group)
    for file in ["cgroup.procs", "cgroup.threads", "cgroup.subtree_control"] {
      try changeOwner(of: file, user: user, group: group)
    }
  }

  private func changeOwner(of file: String?, user: UInt32, group: UInt32) throws(Fault) {
    do {
      try systemCall("fchownat", path: filePath(file ?? "."), message: "cannot delegate the group") {
        guard let file else { return calls.changeOwner(directory.rawValue, nil, user, group) }
        return calls.changeOwner(directory.rawValue, file, user, group)
      }
    } catch {
      throw Explanation.reading(error, file: file ?? ".", of: self)
    }
  }
}
