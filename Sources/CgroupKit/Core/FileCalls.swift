import CLinux
import Glibc

/// The calls on files that a group makes, each with the meaning of its manual page: -1 and `errno` on failure.
///
/// A group carries its calls and hands them to its children. That is the seam where tests force an error number or
/// put the behaviour of a kernel under a directory of plain files.
struct FileCalls: Sendable {
  /// openat(2); a `nil` directory means the current one.
  var open: @Sendable (_ directory: Int32?, _ name: UnsafePointer<CChar>, _ flags: Int32) -> Int32
  /// pread(2).
  var read: @Sendable (_ file: Int32, _ buffer: UnsafeMutableRawPointer, _ count: Int, _ offset: Int) -> Int
  /// write(2).
  var write: @Sendable (_ file: Int32, _ bytes: UnsafeRawPointer, _ count: Int) -> Int
  /// mkdirat(2).
  var makeDirectory: @Sendable (_ directory: Int32, _ name: UnsafePointer<CChar>) -> Int32
  /// unlinkat(2) with AT_REMOVEDIR.
  var removeDirectory: @Sendable (_ directory: Int32, _ name: UnsafePointer<CChar>) -> Int32
  /// fchownat(2); a `nil` name means the directory itself.
  var changeOwner:
    @Sendable (_ directory: Int32, _ name: UnsafePointer<CChar>?, _ user: UInt32, _ group: UInt32) -> Int32
  /// fstatfs(2): 1 where the directory belongs to a cgroup2 file system, else 0.
  var isCgroup2: @Sendable (_ directory: Int32) -> Int32

  /// The running kernel's own calls.
  static let kernel = FileCalls(
    open: { directory, name, flags in openat(directory ?? AT_FDCWD, name, flags) },
    read: { file, buffer, count, offset in pread(file, buffer, count, offset) },
    write: { file, bytes, count in Glibc.write(file, bytes, count) },
    makeDirectory: { directory, name in mkdirat(directory, name, 0o755) },
    removeDirectory: { directory, name in unlinkat(directory, name, AT_REMOVEDIR) },
    changeOwner: { directory, name, user, group in
      guard let name else { return clinux_change_directory_owner(directory, user, group) }
      return fchownat(directory, name, user, group, AT_SYMLINK_NOFOLLOW)
    },
    isCgroup2: { directory in clinux_is_cgroup2(directory) })
}
