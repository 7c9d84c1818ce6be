import Glibc

/// The mounts of this process, from /proc/self/mountinfo (proc_pid_mountinfo(5)).
public struct MountTable: Sendable {
  /// One mount.
  public struct Mount: Sendable, Hashable {
    /// `major:minor` of the file system.
    public var device: String
    /// Where it is.
    public var point: String
    /// The file system's type.
    public var type: String
    /// What was mounted, in the words of whoever did.
    public var source: String
    /// The file system's own options, as the kernel lists them.
    public var fileSystemOptions: [String] = []

    /// Why no one disk does its IO, for those who name a path on it; nil where one may.
    var refusal: String? {
      switch type {
      case "tmpfs", "ramfs", "devtmpfs": "the path lies in memory (\(type)), on no disk"
      case "overlay": "the path lies on an overlay, which is no disk of its own"
      case "zfs": "the path lies on ZFS, whose cache direct IO doesn't pass by"
      default: UngovernedMount.reason(type: type).map { "the path lies on \(type): \($0)" }
      }
    }

    /// Whether a path without symbolic links begins with the mount's point.
    func isAbove(_ path: String) -> Bool {
      // Byte by byte: to Swift's strings, two spellings of one character are equal.
      guard path.utf8.starts(with: point.utf8) else { return false }
      let rest = path.utf8.dropFirst(point.utf8.count)
      return point == "/" || rest.isEmpty || rest.first == UInt8(ascii: "/")
    }
  }

  /// All of them, in the table's order.
  public let mounts: [Mount]

  /// Reads the table.
  public init(_ tree: SystemTree) {
    let table = tree.text("/proc/self/mountinfo", limit: 4 << 20) ?? ""
    mounts = table.split(separator: "\n").compactMap(Self.parse)
  }

  /// The mount that an existing path lies on.
  func mount(of path: String) -> Mount? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return mount(above: String(cString: resolved))
  }

  /// The mount that a path without symbolic links lies on: of those whose point begins it, the longest and the last.
  public func mount(above path: String) -> Mount? {
    var best: Mount?
    for mount in mounts where mount.isAbove(path) && mount.point.utf8.count >= best?.point.utf8.count ?? 0 {
      best = mount
    }
    return best
  }

  /// Takes a line apart; nil for one that isn't as the manual says.
  private static func parse(_ line: Substring) -> Mount? {
    let fields = line.split(separator: " ")
    guard fields.count > 5, let dash = fields.firstIndex(of: "-"), dash + 2 < fields.count else { return nil }
    return Mount(
      device: String(fields[2]), point: unescaped(fields[4]), type: String(fields[dash + 1]),
      source: unescaped(fields[dash + 2]),
      fileSystemOptions: dash + 3 < fields.count ? fields[dash + 3].split(separator: ",").map(String.init) : [])
  }

  /// Undoes the octal escapes that stand for white space and backslashes.
  private static func unescaped(_ text: Substring) -> String {
    guard text.contains("\\") else { return String(text) }
    var bytes: [UInt8] = []
    let given = Array(text.utf8)
    var index = 0
    while index < given.count {
      let digits = given[index...].dropFirst().prefix(3)
      if given[index] == UInt8(ascii: "\\"), digits.count == 3, digits.allSatisfy({ (0x30...0x37).contains($0) }) {
        bytes.append(UInt8(truncatingIfNeeded: digits.reduce(0) { $0 * 8 + Int($1) - 0x30 }))
        index += 4
      } else {
        bytes.append(given[index])
        index += 1
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
