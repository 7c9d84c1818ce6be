/// The part of a policy's `root` that a run's use of files asks for.
public struct FileGrants: Sendable, Equatable {
  /// A path and why it is granted.
  public struct Grant: Sendable, Equatable {
    /// Absolute, inside and on the host alike.
    public var path: String
    /// Why, for a comment.
    public var reason: String
  }

  /// What the learnt policy's root begins with.
  public struct Base: Sendable, Equatable {
    /// The directory on the host; nil for `base: host`.
    public var directory: String?
    /// For `base: host`: what of /etc is there.
    public var configuration: Set<String>
    /// Directories that were in memory during the run, as the host has none of the same content.
    public var temporary: [String]

    /// Describes a base.
    public init(directory: String?, configuration: Set<String>, temporary: [String]) {
      self.directory = directory
      self.configuration = configuration
      self.temporary = temporary
    }
  }

  /// `root: {writable: …}`.
  public private(set) var writable: [Grant] = []
  /// `root: {readable: …}`.
  public private(set) var readable: [Grant] = []
  /// `root: {tmpfs: …}`.
  public private(set) var temporary: [Grant] = []
  /// What was seen and isn't granted, a sentence each.
  public private(set) var remarks: [String] = []

  /// A tenant's mounts from the host are at most 64; some are the sandbox's own.
  static let mostMounts = 24

  private let base: Base
  private let host: HostLookup

  /// Works out the grants.
  ///
  /// - Parameters:
  ///   - use: what the run did.
  ///   - host: looks up what a path is outside of the run, which has changed nothing there.
  public init(_ use: ProgramUse, base: Base, host: @escaping HostLookup) {
    self.base = base
    self.host = host
    grantChanges(use)
    grantReads(use)
    bound(\.writable, "changed")
    bound(\.temporary, "changed, in memory,")
    bound(\.readable, "read")
    remark(use)
  }

  /// Whether the grants are the same.
  public static func == (left: Self, right: Self) -> Bool {
    left.writable == right.writable && left.readable == right.readable && left.temporary == right.temporary
      && left.remarks == right.remarks
  }

  // MARK: What is changed

  /// What lives as long as a boot, or less, by the customs of hier(7).
  private static let volatile = ["/run", "/var/run", "/var/tmp", "/var/log", "/var/cache", "/var/lock"]
  /// The kernel's own, and what every tenant has in memory.
  private static let provided = ["/proc", "/sys", "/dev", "/tmp"]
  /// Directories that many programs share: never granted as a whole.
  private static let shared: Set<String> = [
    "/", "/boot", "/etc", "/home", "/lib", "/media", "/mnt", "/opt", "/root", "/srv", "/usr", "/var", "/var/cache",
    "/var/lib", "/var/log", "/var/opt", "/var/spool", "/var/www",
  ]

  private mutating func grantChanges(_ use: ProgramUse) {
    var changed: [String: [String]] = [:]
    for (path, how) in use.files where !how.isDisjoint(with: [.change, .write]) && !Self.isProvided(path) {
      if how.contains(.change), let directory = existingDirectory(above: path, use) {
        // Opening with O_CREAT what is there already changes no directory, but the next start may find it gone.
        changed[directory, default: []].append(path)
      } else if how.contains(.write) {
        changed[path, default: []].append(path)
      }
    }
    for directory in changed.keys.sorted() {
      let paths = changed[directory, default: []].sorted()
      guard !writable.contains(where: { PathText.isInside(directory, $0.path) }) else { continue }
      let names = Self.some(paths.map { String($0.dropFirst(directory == "/" ? 1 : directory.utf8.count + 1)) })
      let isProgram = Self.programs.contains { PathText.isInside(directory, $0) }
      if isProgram || Self.shared.contains(directory), !base.temporary.contains(directory) {
        remarks.append("changed \(names) in \(directory), which is too much to grant: give it a directory of its own")
      } else if isTemporary(directory, use) {
        let isMade = temporary.contains { PathText.isInside(directory, $0.path) } && host(directory) == nil
        if !isMade { temporary.append(Grant(path: directory, reason: "it made or changed \(names)")) }
      } else {
        writable.append(
          Grant(path: directory, reason: directory == paths.first ? "it wrote this" : "it made or changed \(names)"))
      }
    }
  }

  /// The directory that a change at `path` needs to be there beforehand: the nearest that the program hasn't made.
  private func existingDirectory(above path: String, _ use: ProgramUse) -> String? {
    var directory = PathText.parent(of: path)
    while use.madeDirectories.contains(directory) || !exists(directory) {
      guard directory != "/" else { return nil }
      directory = PathText.parent(of: directory)
    }
    return directory
  }

  private func exists(_ directory: String) -> Bool {
    if let place = base.temporary.first(where: { PathText.isInside(directory, $0) }) { return directory == place }
    return host(directory)?.kind == .directory
  }

  /// In memory, unless the program reads there what only the host has.
  private func isTemporary(_ directory: String, _ use: ProgramUse) -> Bool {
    if base.temporary.contains(directory) { return true }
    guard Self.volatile.contains(where: { PathText.isInside(directory, $0) }),
      host(directory)?.kind == .directory
    else { return false }
    return !use.files.contains { path, how in
      how.contains(.read) && PathText.isInside(path, directory) && host(path)?.kind == .file
    }
  }

  // MARK: What is read

  private static let programs = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"]

  private mutating func grantReads(_ use: ProgramUse) {
    var wanted: Set<String> = []
    var looked: [String] = []
    for (path, how) in use.files.sorted(by: { $0.key < $1.key }) where !Self.isProvided(path) && path != "/" {
      guard !isGranted(path), let file = host(path) else { continue }
      let isContent =
        file.kind == .directory ? how.contains(.list) : !how.isDisjoint(with: .needsContent) || how.contains(.look)
      if let place = privatePlace(of: path), isContent || how.contains(.enter) {
        grantPrivate(place, of: path)
      } else if isInBase(path) {
        continue
      } else if isContent {
        if file.kind == .directory, Self.shared.contains(path) {
          remarks.append("listed \(path), which is too much to grant")
        } else {
          wanted.insert(path)
        }
      } else if file.kind == .directory {
        if how.contains(.enter) {
          temporary.append(Grant(path: path, reason: "its working directory, in which it used nothing"))
        } else {
          looked.append(path)
        }
      }
    }
    writable.sort { $0.path < $1.path }
    wanted = wanted.filter { !isGranted($0) }
    readable = Self.collapse(wanted).map { place in
      let inside = wanted.filter { PathText.isInside($0, place) }.sorted()
      return Grant(
        path: place,
        reason: inside == [place] ? "it read this" : "it read \(Self.some(inside.map { Self.name($0, in: place) }))")
    }
    // A directory on the way to a grant is there anyway.
    let needless = looked.filter { path in !isGranted(path) && !isOnTheWay(path) && !isInBase(path) }
    if !needless.isEmpty { remarks.append("looked at \(Self.some(needless)), and needed nothing in there") }
  }

  private static func isProvided(_ path: String) -> Bool {
    provided.contains { PathText.isInside(path, $0) }
  }

  private func isInBase(_ path: String) -> Bool {
    guard base.directory == nil else { return true }
    if path == "/etc" || Self.programs.contains(where: { PathText.isInside(path, $0) }) { return true }
    guard path.hasPrefix("/etc/") else { return false }
    let name = path.dropFirst("/etc/".count).prefix { $0 != "/" }
    return base.configuration.contains(String(name))
  }

  private func isGranted(_ path: String) -> Bool {
    (writable + readable + temporary).contains { PathText.isInside(path, $0.path) }
  }

  private func isOnTheWay(_ path: String) -> Bool {
    (writable + readable + temporary).contains { PathText.isInside($0.path, path) }
  }

  /// Where on the way to `path` the host keeps others out: from there on, only paths with owners can be read.
  ///
  /// Everything on the host's base belongs to nobody inside, and so does what is `readable`.
  private func privatePlace(of path: String) -> String? {
    guard base.directory == nil else { return nil }
    return PathText.ancestors(of: path).reversed().first { place in
      guard let file = host(place) else { return false }
      // Passing through takes less than listing.
      return place != path && file.kind == .directory ? file.mode & 0o001 == 0 : !file.isPublic
    }
  }

  private mutating func grantPrivate(_ place: String, of path: String) {
    if let file = host(path), file.user == 0, file.mode & 0o070 == 0 {
      remarks.append("read \(path), which is the host's root's alone: a tenant can't; give it a copy")
    } else if Self.shared.contains(place) {
      remarks.append("read \(path) in \(place), which only its owner may enter: give it a copy elsewhere")
    } else {
      // What it holds is granted with it.
      writable.removeAll { PathText.isInside($0.path, place) }
      temporary.removeAll { PathText.isInside($0.path, place) }
      writable.append(
        Grant(path: place, reason: "not everybody may read this, and only what is writable keeps its owner inside"))
    }
  }

  /// Single files where they are few, directories where they are many; never one inside another.
  static func collapse(_ paths: Set<String>, most: Int = mostMounts) -> [String] {
    var places = paths
    var threshold = 4
    while true {
      var children: [String: [String]] = [:]
      for place in places { children[PathText.parent(of: place), default: []].append(place) }
      for (parent, inside) in children where inside.count >= threshold && !shared.contains(parent) {
        places.subtract(inside)
        places.insert(parent)
      }
      places = places.filter { place in
        !PathText.ancestors(of: place).dropFirst().contains { places.contains($0) }
      }
      guard places.count > most, threshold > 1 else { return places.sorted() }
      threshold -= 1
    }
  }

  // MARK: What isn't granted

  private mutating func remark(_ use: ProgramUse) {
    // What it was refused once and got another time was no lack of permission.
    let refused = use.refusedPaths.keys.filter { use.files[$0] == nil && !Self.isProvided($0) }.sorted()
    for path in refused.prefix(8) {
      remarks.append("was refused \(path) (\(use.refusedPaths[path, default: ""])): its user may not")
    }
    if refused.count > 8 { remarks.append("was refused \(refused.count - 8) more paths") }
    for device in use.missingDevices.sorted().prefix(20) {
      remarks.append("found no \(device): `devices` would give it one")
    }
    for socket in use.boundSockets.sorted() where temporary.contains(where: { PathText.isInside(socket, $0.path) }) {
      remarks.append("made the socket \(socket) in memory: where others are to reach it, make a directory writable")
    }
  }

  private mutating func bound(_ list: WritableKeyPath<Self, [Grant]>, _ what: String) {
    let rest = self[keyPath: list].dropFirst(Self.mostMounts)
    guard let first = rest.first else { return }
    remarks.append(
      "\(what) \(rest.count) more places than a tenant can have mounts: bring them together in one directory, beginning "
        + "with \(first.path)")
    self[keyPath: list].removeLast(rest.count)
  }

  private static func name(_ path: String, in place: String) -> String {
    path == place ? "the directory itself" : String(path.dropFirst(place == "/" ? 1 : place.utf8.count + 1))
  }

  /// The first few of a list, for people.
  static func some(_ items: [String]) -> String {
    let shown = items.prefix(3).map { $0.isEmpty ? "it" : $0 }.joined(separator: ", ")
    return items.count > 3 ? "\(shown) and \(items.count - 3) more" : shown
  }
}
