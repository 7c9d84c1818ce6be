import Faults

extension Fault.Code {
  /// A user or group that the tenant's root doesn't know.
  public static let unknownIdentity: Self = "identity.unknown"
  /// A user or group id outside the tenant's 65,536 ids.
  public static let identityOutOfRange: Self = "identity.out-of-range"
}

/// The users and groups of a root filesystem: the text of its `/etc/passwd` and `/etc/group`; see passwd(5), group(5).
///
/// The text may be hostile, so it is parsed by hand: ids are digits only (`+0`, `-1` and `4294967296` are no ids;
/// a lenient parser has turned such a line into root, CVE-2026-30892), and a line that isn't whole is passed over,
/// as the C library's own reader does. As there, the first entry of a name or an id wins.
public struct UserDatabase: Sendable {
  /// A line of `/etc/passwd`.
  public struct User: Hashable, Sendable {
    /// The login name.
    public var name: String
    /// The user id.
    public var uid: UInt32
    /// The primary group's id.
    public var gid: UInt32
    /// The home directory; may be empty.
    public var home: String
    /// The login shell; may be empty.
    public var shell: String
  }

  /// A line of `/etc/group`.
  public struct Group: Hashable, Sendable {
    /// The group's name.
    public var name: String
    /// The group id.
    public var gid: UInt32
    /// The names of those whose supplementary group it is.
    public var members: [String]
  }

  /// The most bytes that are read of either file.
  public static let maximumSize = 4 << 20

  /// The users in the file's order.
  public let users: [User]
  /// The groups in the file's order.
  public let groups: [Group]

  /// Parses the two texts; either may be empty. What lies beyond ``maximumSize`` is not looked at.
  public init(passwd: [UInt8], group: [UInt8]) {
    users = Self.entries(passwd, fields: 7).compactMap { fields in
      guard let name = Self.name(fields[0]), let uid = Self.identity(fields[2]),
        let gid = Self.identity(fields[3])
      else { return nil }
      return User(name: name, uid: uid, gid: gid, home: Self.text(fields[5]), shell: Self.text(fields[6]))
    }
    groups = Self.entries(group, fields: 4).compactMap { fields in
      guard let name = Self.name(fields[0]), let gid = Self.identity(fields[2]) else { return nil }
      let members = fields[3].split(separator: UInt8(ascii: ",")).compactMap(Self.name)
      return Group(name: name, gid: gid, members: members)
    }
  }

  /// The first user of that name.
  public func user(named name: String) -> User? { users.first { $0.name == name } }
  /// The first user with that id.
  public func user(withIdentity uid: UInt32) -> User? { users.first { $0.uid == uid } }
  /// The first group of that name.
  public func group(named name: String) -> Group? { groups.first { $0.name == name } }

  private static func entries(_ bytes: [UInt8], fields count: Int) -> [[ArraySlice<UInt8>]] {
    var found: [[ArraySlice<UInt8>]] = []
    for line in bytes.prefix(maximumSize).split(separator: 0x0A) {
      // Comments, and the +name and -name lines by which NIS was merged in.
      guard let first = line.first, first != UInt8(ascii: "#"), first != UInt8(ascii: "+"),
        first != UInt8(ascii: "-"), !line.contains(0)
      else { continue }
      let fields = line.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
      if fields.count == count { found.append(fields) }
    }
    return found
  }

  /// The largest id is 4294967294: the kernel reads 4294967295 as "leave it".
  private static func identity(_ bytes: ArraySlice<UInt8>) -> UInt32? {
    StrictNumber.decimal(bytes, upTo: UInt32.max - 1)
  }

  private static func name(_ bytes: ArraySlice<UInt8>) -> String? {
    guard !bytes.isEmpty, bytes.count <= 256, bytes.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
      return nil
    }
    return String(validating: bytes, as: UTF8.self)
  }

  private static func text(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }
}
