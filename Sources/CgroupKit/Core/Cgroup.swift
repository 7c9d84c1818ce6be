import CLinux
import Faults
import Glibc
import Kernel

/// One control group of Linux's cgroup v2: a directory that holds processes and limits what they use.
///
/// A `Cgroup` keeps the directory open (`O_PATH`), so that it stands for the same group whatever happens to the path
/// afterwards; every file is opened relative to it. The ``path`` serves messages only. Values of this type are safe to
/// share between tasks: each call is one or a few system calls, and the kernel orders them.
///
/// ```swift
/// let group = try Cgroup(path: "/sys/fs/cgroup/workers").createChild("encoder")
/// try group.memory.max.write(.at(.mebibytes(256)))
/// try group.attach(pid)
/// ```
///
/// Source: the kernel's Documentation/admin-guide/cgroup-v2.rst.
public final class Cgroup: Sendable {
  /// Where the group was when it was opened. For messages; it may be stale.
  public let path: String

  let directory: SharedDescriptor
  let calls: FileCalls

  /// Opens an existing group by its path.
  ///
  /// - Parameter path: a directory of a mounted cgroup2 file system, for example `/sys/fs/cgroup/workers`.
  /// - Throws: `.noSuchGroup`, `.notACgroup` where the directory belongs to another file system
  ///   (cgroup v1 included), `.permissionDenied`.
  public convenience init(path: String) throws(Fault) {
    try self.init(path: path, calls: .kernel)
  }

  /// Takes a directory of plain files for a group: for tests and benchmarks.
  package convenience init(plainDirectory path: String) throws(Fault) {
    var calls = FileCalls.kernel
    calls.isCgroup2 = { _ in 1 }
    try self.init(path: path, calls: calls)
  }

  init(path: String, calls: FileCalls) throws(Fault) {
    guard !path.isEmpty, !path.utf8.contains(0) else {
      throw Fault(.noSuchGroup, "\(excerpt(path)) is no path", mend: "give the path of a group's directory")
    }
    let number: Int32
    do {
      number = try systemCall("openat", path: path, message: "cannot open the group") {
        calls.open(nil, path, Self.directoryFlags)
      }
    } catch {
      throw Explanation.opening(error)
    }
    let directory = SharedDescriptor(owning: number)
    let isCgroup2 = try systemCall("fstatfs", path: path, message: "cannot tell the file system of the group") {
      calls.isCgroup2(directory.rawValue)
    }
    guard isCgroup2 == 1 else {
      throw Fault(
        .notACgroup, "this is no control group of cgroup v2", path: path,
        mend: "name a directory beneath the mount point of a cgroup2 file system, usually /sys/fs/cgroup")
    }
    self.path = path
    self.directory = directory
    self.calls = calls
  }

  init(path: String, directory: SharedDescriptor, calls: FileCalls) {
    self.path = path
    self.directory = directory
    self.calls = calls
  }

  /// A descriptor of the group's directory for other system calls: clone3(2) with `CLONE_INTO_CGROUP`, bpf(2),
  /// fchdir(2).
  ///
  /// It is opened afresh (`O_RDONLY|O_DIRECTORY|O_CLOEXEC`), belongs to the caller, and keeps the group's directory,
  /// but not the group, alive.
  ///
  /// - Throws: `.groupGone` where the group was removed.
  public func openDirectory() throws(Fault) -> OwnedDescriptor {
    OwnedDescriptor(owning: try openFile(".", flags: O_RDONLY | O_DIRECTORY))
  }

  /// Runs `body` with the number of the kept `O_PATH` descriptor, which stays valid for that long.
  ///
  /// clone3(2) with `CLONE_INTO_CGROUP` takes it as it is, without another open(2).
  public func withDescriptor<Result, Failure: Error>(
    _ body: (Int32) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let result = try body(directory.rawValue)
    withExtendedLifetime(directory) {}
    return result
  }

  /// Whether the group's directory is still there.
  var isGone: Bool {
    let number = calls.open(directory.rawValue, "cgroup.controllers", O_RDONLY | O_CLOEXEC)
    guard number < 0 else {
      _ = OwnedDescriptor(owning: number)
      return false
    }
    return errno == ENOENT || errno == ENODEV
  }

  static let directoryFlags = clinux_o_path | O_DIRECTORY | O_CLOEXEC
}

extension Cgroup: CustomStringConvertible {
  /// The group's path.
  public var description: String { path }
}
