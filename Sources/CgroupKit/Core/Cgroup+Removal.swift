import Faults
import Glibc
import Kernel

extension Cgroup {
  /// Removes the group, in one attempt. A group that is gone already counts as removed.
  ///
  /// - Throws: `.groupBusy` where it has child groups or live processes, which the message names;
  ///   `.permissionDenied`.
  public func removeNow() throws(Fault) {
    guard let (parent, name) = try entry() else { return }
    do {
      try systemCall("unlinkat", path: path, message: "cannot remove the group") {
        calls.removeDirectory(parent.rawValue, name)
      }
    } catch {
      if error.errno?.number == ENOENT { return }
      throw explainRemoval(error)
    }
  }

  /// Removes the group, trying again for a while, since processes that were killed take a moment to end.
  ///
  /// - Parameter limit: how long to try.
  /// - Throws: as ``removeNow()`` does, after `limit`; `.cancelled`.
  public func remove(within limit: Duration = .seconds(2)) async throws(Fault) {
    try await retrying(within: limit) { () throws(Fault) in try removeNow() }
  }

  /// Removes the group and all groups beneath it, from the leaves up, trying again for a while.
  ///
  /// However deep the tree is, few descriptors are open at a time.
  ///
  /// - Parameters:
  ///   - killing: whether to kill every process in the tree first.
  ///   - limit: how long to try.
  /// - Throws: as ``remove(within:)`` and ``kill()`` do; what could be removed is.
  public func removeTree(killing: Bool = false, within limit: Duration = .seconds(5)) async throws(Fault) {
    try await retrying(within: limit) { () throws(Fault) in try removeTreeNow(killing: killing) }
  }

  private func removeTreeNow(killing: Bool) throws(Fault) {
    do {
      if killing { try kill() }
      try removeDescendants()
    } catch let fault where fault.code == .groupGone {
      return
    }
    try removeNow()
  }

  /// What keeps the group from being removed, for messages.
  func residents() -> String {
    var parts: [String] = []
    if let members = try? processes(), !members.isEmpty { parts.append(list(members)) }
    if let names = try? childNames(), !names.isEmpty {
      let shown = names.sorted().prefix(10).map { excerpt($0) }.joined(separator: ", ")
      parts.append("\(names.count == 1 ? "child group" : "\(names.count) child groups") \(shown)")
    }
    return parts.isEmpty ? "processes that are just ending" : parts.joined(separator: " and ")
  }

  private func explainRemoval(_ fault: Fault) -> Fault {
    var explained = fault
    switch fault.errno?.number {
    case EBUSY, ENOTEMPTY:
      explained.code = .groupBusy
      explained.message = "cannot remove the group: it holds \(residents())"
      explained.mend =
        "end or move its processes and remove its child groups first: kill(), removeTree(killing:)"
    case EACCES, EPERM, EROFS:
      explained.code = .permissionDenied
      explained.mend = "removing needs write permission on the parent group's directory"
    default: break
    }
    return explained
  }

  private func retrying(
    within limit: Duration, _ attempt: () throws(Fault) -> Void
  ) async throws(Fault) {
    let deadline = ContinuousClock.now + limit
    var pause = Duration.milliseconds(1)
    while true {
      do {
        return try attempt()
      } catch let fault where fault.code == .groupBusy {
        guard ContinuousClock.now + pause < deadline else { throw fault }
        do {
          try await Task.sleep(for: pause)
        } catch {
          throw Fault(.cancelled, "the task was cancelled", path: path)
        }
        pause = min(pause * 2, .milliseconds(50))
      }
    }
  }

  /// One pass over the tree beneath; the first fault is thrown after everything else was tried.
  private func removeDescendants() throws(Fault) {
    var failure: Fault?
    var group = self
    var names: [[CChar]] = []
    var pending = [try rawChildNames()]
    while !pending.isEmpty {
      if let name = pending[pending.count - 1].popLast() {
        do {
          let child = try group.openChild(rawName: name)
          let grandchildren = try child.rawChildNames()
          pending.append(grandchildren)
          names.append(name)
          group = child
        } catch let fault where fault.code == .noSuchGroup || fault.code == .groupGone {
          continue
        }
      } else {
        pending.removeLast()
        guard let name = names.popLast() else { break }
        let parent = try group.openParent()
        do {
          try systemCall("unlinkat", path: group.path, message: "cannot remove the group") {
            calls.removeDirectory(parent.directory.rawValue, name)
          }
        } catch {
          if error.errno?.number != ENOENT { failure = failure ?? group.explainRemoval(error) }
        }
        group = parent
      }
    }
    if let failure { throw failure }
  }

  private func openParent() throws(Fault) -> Cgroup {
    let number = try systemCall("openat", path: path, message: "cannot open the group's parent") {
      calls.open(directory.rawValue, "..", Self.directoryFlags)
    }
    let parentPath = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? path
    return Cgroup(path: parentPath, directory: SharedDescriptor(owning: number), calls: calls)
  }

  /// The group as an entry of its parent's directory; `nil` where that entry is gone.
  ///
  /// The entry is compared with the group itself: another one of the same name must never be taken for it.
  func entry() throws(Fault) -> (parent: SharedDescriptor, name: [CChar])? {
    guard let name = entryName() else { return nil }
    let parent: SharedDescriptor
    do {
      parent = try openParent().directory
    } catch {
      if error.errno?.number == ENOENT { return nil }
      throw error
    }
    var own = stat()
    var found = stat()
    guard fstat(directory.rawValue, &own) == 0,
      fstatat(parent.rawValue, name, &found, AT_SYMLINK_NOFOLLOW) == 0,
      own.st_ino == found.st_ino, own.st_dev == found.st_dev
    else { return nil }
    return (parent, name)
  }

  /// The last component of where the group is now, as the kernel knows it; `nil` where it was removed.
  private func entryName() -> [CChar]? {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let length = readlink("/proc/self/fd/\(directory.rawValue)", &buffer, buffer.count)
    let slash = CChar(bitPattern: UInt8(ascii: "/"))
    let whole =
      length > 0 && length < buffer.count
      ? Array(buffer[..<length]) : path.utf8.map { CChar(bitPattern: $0) }
    let name = whole.split(separator: slash).last.map { Array($0) } ?? []
    return name.isEmpty ? nil : name + [0]
  }
}
