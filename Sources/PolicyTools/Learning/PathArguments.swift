/// Which arguments of a system call are paths, and what the call does to them.
struct PathArgument {
  /// The argument with the descriptor that a relative path starts from; nil for the working directory.
  var directory: Int?
  /// The argument with the path's address.
  var path: Int
  /// What a successful call does to it.
  var use: FileUse

  init(_ path: Int, at directory: Int? = nil, _ use: FileUse) {
    self.directory = directory
    self.path = path
    self.use = use
  }
}

/// The calls that name files, from their manual pages. Those that open one are in ``opening``, since their flags decide.
enum PathArguments {
  /// Calls by name; open(2) and its like have no use of their own here.
  static let table: [String: [PathArgument]] = [
    "open": [PathArgument(0, [])], "creat": [PathArgument(0, [.write, .change])],
    "openat": [PathArgument(1, at: 0, [])], "openat2": [PathArgument(1, at: 0, [])],
    "stat": [PathArgument(0, .look)], "lstat": [PathArgument(0, .look)],
    "newfstatat": [PathArgument(1, at: 0, .look)], "statx": [PathArgument(1, at: 0, .look)],
    "statfs": [PathArgument(0, .look)], "access": [PathArgument(0, .look)],
    "faccessat": [PathArgument(1, at: 0, .look)], "faccessat2": [PathArgument(1, at: 0, .look)],
    "readlink": [PathArgument(0, .look)], "readlinkat": [PathArgument(1, at: 0, .look)],
    "getxattr": [PathArgument(0, .look)], "lgetxattr": [PathArgument(0, .look)],
    "listxattr": [PathArgument(0, .look)], "llistxattr": [PathArgument(0, .look)],
    "name_to_handle_at": [PathArgument(1, at: 0, .look)],
    "inotify_add_watch": [PathArgument(1, .list)], "chdir": [PathArgument(0, .enter)],
    "execve": [PathArgument(0, [.read, .execute])], "execveat": [PathArgument(1, at: 0, [.read, .execute])],
    "mkdir": [PathArgument(0, .change)], "mkdirat": [PathArgument(1, at: 0, .change)],
    "rmdir": [PathArgument(0, .change)], "unlink": [PathArgument(0, .change)],
    "unlinkat": [PathArgument(1, at: 0, .change)],
    "rename": [PathArgument(0, .change), PathArgument(1, .change)],
    "renameat": [PathArgument(1, at: 0, .change), PathArgument(3, at: 2, .change)],
    "renameat2": [PathArgument(1, at: 0, .change), PathArgument(3, at: 2, .change)],
    "link": [PathArgument(0, .look), PathArgument(1, .change)],
    "linkat": [PathArgument(1, at: 0, .look), PathArgument(3, at: 2, .change)],
    "symlink": [PathArgument(1, .change)], "symlinkat": [PathArgument(2, at: 1, .change)],
    "mknod": [PathArgument(0, .change)], "mknodat": [PathArgument(1, at: 0, .change)],
    "truncate": [PathArgument(0, .write)], "chmod": [PathArgument(0, .write)],
    "fchmodat": [PathArgument(1, at: 0, .write)], "fchmodat2": [PathArgument(1, at: 0, .write)],
    "chown": [PathArgument(0, .write)], "lchown": [PathArgument(0, .write)],
    "fchownat": [PathArgument(1, at: 0, .write)], "utime": [PathArgument(0, .write)],
    "utimes": [PathArgument(0, .write)], "futimesat": [PathArgument(1, at: 0, .write)],
    "utimensat": [PathArgument(1, at: 0, .write)], "setxattr": [PathArgument(0, .write)],
    "lsetxattr": [PathArgument(0, .write)], "removexattr": [PathArgument(0, .write)],
    "lremovexattr": [PathArgument(0, .write)],
  ]

  /// Where the flags of an opening call are.
  static let opening: [String: Int] = ["open": 1, "openat": 2, "openat2": 2]

  /// Calls that do something to the file behind the descriptor in their first argument.
  static let descriptors: [String: FileUse] = [
    "getdents": .list, "getdents64": .list, "fchdir": .enter, "fchmod": .write, "fchown": .write,
    "fsetxattr": .write, "fremovexattr": .write,
  ]

  /// Calls that make a directory.
  static let makingDirectories: Set<String> = ["mkdir", "mkdirat"]

  /// What opening with these flags does; the numbers are the same on x86-64 and arm64.
  static func use(openFlags flags: UInt64) -> FileUse {
    let pathOnly: UInt64 = 0x20_0000
    let create: UInt64 = 0x40
    let truncate: UInt64 = 0x200
    guard flags & pathOnly == 0 else { return .look }
    var use: FileUse =
      switch flags & 3 {
      case 0: .read
      case 1: .write
      default: [.read, .write]
      }
    if flags & truncate != 0 { use.insert(.write) }
    if flags & create != 0 { use.insert(.change) }
    return use
  }
}

/// Paths as texts: a program's own spelling in, an absolute and normalised one out.
enum PathText {
  /// PATH_MAX, its NUL included.
  static let limit = 4096

  /// The path that `bytes` name, from `directory` if they are relative; nil if no policy could name it.
  ///
  /// `..` is taken off the text, without looking whether what is before it is a link.
  static func normalised(_ bytes: [UInt8], from directory: String?) -> String? {
    guard !bytes.isEmpty, bytes.count < limit, bytes.allSatisfy({ $0 >= 32 && $0 != 127 }),
      let text = String(validating: bytes, as: UTF8.self)
    else { return nil }
    let whole: String
    if text.hasPrefix("/") {
      whole = text
    } else {
      guard let directory, directory.hasPrefix("/") else { return nil }
      whole = directory + "/" + text
    }
    var components: [Substring] = []
    for component in whole.split(separator: "/") {
      switch component {
      case ".": continue
      case "..": _ = components.popLast()
      default:
        guard component.utf8.count <= 255 else { return nil }
        components.append(component)
      }
    }
    let path = "/" + components.joined(separator: "/")
    return path.utf8.count < limit ? path : nil
  }

  /// Everything before the last component; `/` for the root's own entries.
  static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return "/" }
    return String(path[..<slash])
  }

  /// Whether `path` is `directory` or lies beneath it.
  static func isInside(_ path: String, _ directory: String) -> Bool {
    directory == "/" || path == directory || path.hasPrefix(directory + "/")
  }

  /// The path itself and all directories that lead to it, the longest first; without `/`.
  static func ancestors(of path: String) -> [String] {
    var result: [String] = []
    var rest = path
    while rest != "/" {
      result.append(rest)
      rest = parent(of: rest)
    }
    return result
  }
}
