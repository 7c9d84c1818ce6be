import Faults

/// Who a tenant's program runs as, in ids inside the tenant.
public struct ResolvedIdentity: Hashable, Sendable {
  /// The user id.
  public var uid: UInt32
  /// The primary group's id.
  public var gid: UInt32
  /// What setgroups(2) is to be given: the primary group first, then the supplementary ones, none twice.
  public var groups: [UInt32]
  /// The home directory, `/` where none is known.
  public var home: String
  /// The shell, `/bin/sh` where none is known.
  public var shell: String
  /// The login name, where the database has one.
  public var name: String?

  /// Names an identity.
  public init(
    uid: UInt32, gid: UInt32, groups: [UInt32], home: String = "/", shell: String = "/bin/sh",
    name: String? = nil
  ) {
    self.uid = uid
    self.gid = gid
    self.groups = groups
    self.home = home
    self.shell = shell
    self.name = name
  }

  /// Root inside, who is nobody outside; needs no database.
  public static let root = ResolvedIdentity(uid: 0, gid: 0, groups: [0], home: "/root", name: "root")
}

extension UserDatabase {
  /// Finds who `user` and `group` are, with the supplementary groups that initgroups(3) would give.
  ///
  /// Text of digits alone is an id; any other text is a name, which must be in the database. An explicit `group`
  /// replaces the primary group; `supplementary` adds to the groups that the database names.
  ///
  /// - Parameters:
  ///   - user: a name or an id.
  ///   - group: a name or an id; nil takes the user's own.
  ///   - supplementary: further groups, names or ids.
  ///   - root: how messages call the root whose database this is.
  /// - Throws: ``Faults/Fault`` `identity.unknown` or `identity.out-of-range`.
  public func resolve(
    user: String, group: String? = nil, supplementary: [String] = [], root: String = "the tenant's root",
    position: Fault.Position? = nil
  ) throws(Fault) -> ResolvedIdentity {
    let entry: User?
    let uid: UInt32
    if Self.isNumber(user) {
      uid = try Self.checked(user, "user", position)
      entry = self.user(withIdentity: uid)
    } else {
      guard let found = self.user(named: user) else {
        throw Self.unknown("user", user, "/etc/passwd", root, users.lazy.map(\.name), position)
      }
      uid = try Self.checked("\(found.uid)", "user \(quotedName(user))", position)
      entry = found
    }
    let gid: UInt32
    if let group {
      gid = try groupIdentity(group, root, position)
    } else if let entry {
      gid = try Self.checked("\(entry.gid)", "group of user \(quotedName(user))", position)
    } else {
      // Falling back to group 0, as some runtimes do, would hand a numbered user root's group.
      throw Fault(
        .unknownIdentity, "user \(uid) is not in /etc/passwd of \(root), so its group is unknown",
        position: position, mend: "name the group too")
    }
    var groups = [gid]
    var seen: Set<UInt32> = [gid]
    func add(_ gid: UInt32) { if seen.insert(gid).inserted { groups.append(gid) } }
    if let name = entry?.name {
      for group in self.groups where group.members.contains(name) {
        add(try Self.checked("\(group.gid)", "group \(quotedName(group.name))", position))
      }
    }
    for group in supplementary { add(try groupIdentity(group, root, position)) }
    return ResolvedIdentity(
      uid: uid, gid: gid, groups: groups, home: Self.nonEmpty(entry?.home) ?? "/",
      shell: Self.nonEmpty(entry?.shell) ?? "/bin/sh", name: entry?.name)
  }

  private func groupIdentity(
    _ text: String, _ root: String, _ position: Fault.Position?
  ) throws(Fault) -> UInt32 {
    if Self.isNumber(text) { return try Self.checked(text, "group", position) }
    guard let found = group(named: text) else {
      throw Self.unknown("group", text, "/etc/group", root, groups.lazy.map(\.name), position)
    }
    return try Self.checked("\(found.gid)", "group \(quotedName(text))", position)
  }

  private static func isNumber(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
  }

  private static func checked(
    _ digits: String, _ what: String, _ position: Fault.Position?
  ) throws(Fault) -> UInt32 {
    if let identity = StrictNumber.decimal(digits.utf8, upTo: IdentityRange.tenantCount - 1) {
      return identity
    }
    throw Fault(
      .identityOutOfRange, "\(what) has the id \(digits.prefix(32)), and a tenant's ids are 0 to 65535",
      position: position, mend: "choose a user and groups whose ids are at most 65535")
  }

  private static func unknown(
    _ kind: String, _ name: String, _ file: String, _ root: String, _ names: some Sequence<String>,
    _ position: Fault.Position?
  ) -> Fault {
    let likely = nearestName(to: name, among: names)
    return Fault(
      .unknownIdentity, "\(root) has no \(kind) \(quotedName(name))", path: file, position: position,
      mend: likely.map { "did you mean \($0)?" } ?? "add it to the root, or give the id as a number")
  }

  private static func nonEmpty(_ text: String?) -> String? {
    guard let text, !text.isEmpty else { return nil }
    return text
  }
}
