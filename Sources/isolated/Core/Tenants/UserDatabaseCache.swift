import Faults
import Glibc
import Sandbox
import Kernel

/// The users of roots that were read before, as long as their passwd and group files are the same.
final class UserDatabaseCache: Sendable {
  private struct Stamp: Equatable {
    var device: UInt64
    var inode: UInt64
    var size: Int
    var modified: Int
    var modifiedNanoseconds: Int

    /// nil if there is no such file. Only for telling changes: the file itself is read beneath the root.
    init?(_ root: Int32, _ path: String) {
      var status = stat()
      guard fstatat(root, path, &status, AT_SYMLINK_NOFOLLOW) == 0 else { return nil }
      device = UInt64(status.st_dev)
      inode = UInt64(status.st_ino)
      size = status.st_size
      modified = status.st_mtim.tv_sec
      modifiedNanoseconds = status.st_mtim.tv_nsec
    }
  }

  private struct Entry {
    var stamps: [Stamp?]
    var users: UserDatabase
  }

  private static let capacity = 64
  private let entries: Guarded<[String: Entry]> = Guarded([:])

  /// The users of the root at `root`, an O_PATH descriptor of `path`.
  func users(beneath root: Int32, path: String) throws(Fault) -> UserDatabase {
    let stamps = [Stamp(root, "etc/passwd"), Stamp(root, "etc/group")]
    if let known = entries.withLock({ $0[path] }), known.stamps == stamps { return known.users }
    let users = UserDatabase(
      passwd: try Self.read(root, "etc/passwd"), group: try Self.read(root, "etc/group"))
    entries.withLock { entries in
      if entries.count >= Self.capacity { entries.removeAll() }
      entries[path] = Entry(stamps: stamps, users: users)
    }
    return users
  }

  private static func read(_ root: Int32, _ path: String) throws(Fault) -> [UInt8] {
    do throws(Fault) {
      return try RootFileReader.read(beneath: root, path: path, limit: UserDatabase.maximumSize)
    } catch {
      // A root without the file knows no names; numbers still work.
      if error.errno?.number == ENOENT { return [] }
      throw error
    }
  }
}
