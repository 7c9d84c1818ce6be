/// What may be done with files beneath a path: LANDLOCK_ACCESS_FS_* of Linux' userspace-api/landlock.
public struct LandlockAccess: OptionSet, Sendable, Hashable {
  /// The bits.
  public let rawValue: UInt64

  /// Takes bits.
  public init(rawValue: UInt64) { self.rawValue = rawValue }

  /// Execute a file.
  public static let execute = LandlockAccess(rawValue: 1 << 0)
  /// Open a file for writing.
  public static let writeFile = LandlockAccess(rawValue: 1 << 1)
  /// Open a file for reading.
  public static let readFile = LandlockAccess(rawValue: 1 << 2)
  /// Open a directory, and list it.
  public static let readDirectory = LandlockAccess(rawValue: 1 << 3)
  /// Remove directories and files; make directories, files, sockets, pipes and links, but no device nodes.
  public static let change = LandlockAccess(rawValue: 1 << 4 | 1 << 5 | 1 << 7 | 1 << 8 | 1 << 9 | 1 << 10 | 1 << 12)
  /// Make device nodes.
  public static let makeDevice = LandlockAccess(rawValue: 1 << 6 | 1 << 11)
  /// Rename and link between directories; since version 2.
  public static let refer = LandlockAccess(rawValue: 1 << 13)
  /// Cut a file's length; since version 3.
  public static let truncate = LandlockAccess(rawValue: 1 << 14)
  /// ioctl(2) on a device; since version 5.
  public static let controlDevice = LandlockAccess(rawValue: 1 << 15)

  /// What the whole root allows.
  static let reading: LandlockAccess = [.execute, .readFile, .readDirectory]
  /// What a place allows besides that the tenant may write.
  static let writing: LandlockAccess = [.writeFile, .change, .refer, .truncate]

  /// All that the kernel can forbid by `version` of its interface.
  static func known(to version: Int) -> LandlockAccess {
    var access: LandlockAccess = [.reading, .writeFile, .change, .makeDevice]
    if version >= 2 { access.insert(.refer) }
    if version >= 3 { access.insert(.truncate) }
    if version >= 5 { access.insert(.controlDevice) }
    return access
  }
}
