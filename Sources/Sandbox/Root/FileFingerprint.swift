import Glibc

/// What tells one state of a file from another without reading it.
struct FileFingerprint: Hashable, Sendable {
  let device: UInt64
  let inode: UInt64
  let modifiedSeconds: Int
  let modifiedNanoseconds: Int
  let isDirectory: Bool

  /// Looks at the file that `path` leads to; nil if there is none.
  init?(path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    device = UInt64(status.st_dev)
    inode = UInt64(status.st_ino)
    modifiedSeconds = status.st_mtim.tv_sec
    modifiedNanoseconds = status.st_mtim.tv_nsec
    isDirectory = status.st_mode & S_IFMT == S_IFDIR
  }
}
