import CLinux
import Faults
import Glibc
import Kernel

/// Puts a directory and all that is in it into a project, so that what lies there already counts too.
///
/// The top is marked last: a directory that is marked has been walked whole. What is mounted beneath is another file
/// system, and left out; so are links, sockets, pipes and device nodes, which can't be opened and take next to no room.
struct ProjectWalk {
  let project: UInt32
  private let device: dev_t

  /// The deepest tree that is walked: each level costs a descriptor meanwhile.
  static let deepest = 256

  /// Marks `directory`, which is open for reading.
  static func mark(_ directory: borrowing OwnedDescriptor, project: UInt32, path: String) throws(Fault) {
    var status = stat()
    let number = directory.rawValue
    try systemCall("fstat", path: path) { fstat(number, &status) }
    let walk = ProjectWalk(project: project, device: status.st_dev)
    if status.st_mode & S_IFMT == S_IFDIR { try walk.markContents(of: number, path: path, depth: 0) }
    try ProjectQuota.setProject(
      project, inherits: status.st_mode & S_IFMT == S_IFDIR, of: number, path: path)
  }

  private func markContents(of directory: Int32, path: String, depth: Int) throws(Fault) {
    guard depth < Self.deepest else {
      throw Fault(
        .notEnforceable, "directories lie more than \(Self.deepest) deep in each other", path: path,
        mend: "put them elsewhere: a bound on disk space counts all that is there")
    }
    let names = try DirectoryListing.names(
      "/proc/self/fd/\(directory)", message: "cannot list a directory that the tenant may write")
    for name in names where name != "." && name != ".." {
      try markEntry(name, in: directory, path: "\(path)/\(name)", depth: depth)
    }
  }

  private func markEntry(_ name: String, in directory: Int32, path: String, depth: Int) throws(Fault) {
    let place: Int32
    do throws(Fault) {
      place = try systemCall("openat", path: path, message: "cannot open what the tenant may write") {
        openat(directory, name, O_PATH | O_NOFOLLOW | O_CLOEXEC)
      }
    } catch {
      // Somebody of the host's has removed it meanwhile.
      if error.errno?.number == ENOENT { return }
      throw error
    }
    let seen = OwnedDescriptor(owning: place)
    var status = stat()
    let number = seen.rawValue
    try systemCall("fstat", path: path) { fstat(number, &status) }
    let kind = status.st_mode & S_IFMT
    guard status.st_dev == device, kind == S_IFDIR || kind == S_IFREG else { return }
    // By the descriptor that was looked at, so that nothing else is opened.
    let file = OwnedDescriptor(
      owning: try systemCall("open", path: path, message: "cannot open what the tenant may write") {
        open("/proc/self/fd/\(number)", O_RDONLY | O_NONBLOCK | O_CLOEXEC)
      })
    if kind == S_IFDIR { try markContents(of: file.rawValue, path: path, depth: depth + 1) }
    try ProjectQuota.setProject(project, inherits: kind == S_IFDIR, of: file.rawValue, path: path)
  }
}
