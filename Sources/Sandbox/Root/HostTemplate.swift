import CLinux
import Faults
import Glibc
import Kernel

extension Fault.Code {
  /// The host's part of a tenant's root can't be put together.
  public static let hostTemplate: Self = "sandbox.host-template"
}

/// The host's part of a tenant's root, by allow-list, as mounts that are copied into each tenant.
///
/// It lives on a tmpfs in the daemon's own mount namespace: `usr`, and the host's other program directories; `etc`
/// with nothing but the files that programs need to start; `dev` with the standard device nodes; and `staging`, the
/// empty directory on which a new root hangs until it is pivoted into. All is read-only, and nothing of it is
/// id-mapped: what only the host's root may read stays unreadable inside.
public final class HostTemplate: Sendable {
  /// A place in the root that something of the tenant's own is mounted on.
  public struct MountPoint: Sendable, Hashable {
    /// Absolute, in the tenant.
    public var path: String
    /// A directory, or an empty file.
    public var isDirectory: Bool
  }

  /// What is at the top of every root on the host's base.
  private struct Layout {
    var directories: [String]
    var links: [Link]
  }

  /// A symbolic link.
  public struct Link: Sendable, Hashable {
    /// Its name in the root.
    public var name: String
    /// What it holds.
    public var target: String
  }

  /// The device nodes of every tenant: names and numbers, as devices.txt of the kernel has them.
  static let deviceNodes: [(name: String, major: UInt32, minor: UInt32)] = [
    ("null", 1, 3), ("zero", 1, 5), ("full", 1, 7), ("random", 1, 8), ("urandom", 1, 9), ("tty", 5, 0),
  ]
  /// The customary links of /dev.
  static let deviceLinks = [
    Link(name: "fd", target: "/proc/self/fd"), Link(name: "stdin", target: "/proc/self/fd/0"),
    Link(name: "stdout", target: "/proc/self/fd/1"), Link(name: "stderr", target: "/proc/self/fd/2"),
    Link(name: "ptmx", target: "pts/ptmx"),
  ]
  /// Mount points in /dev, and an empty directory to cover masked ones with.
  static let deviceDirectories = ["pts", "shm", "mqueue", ".masked"]

  /// What programs need of /etc to start, and nothing that is secret. What a host lacks is left out.
  public static let standardConfiguration = [
    "alternatives", "bash.bashrc", "ca-certificates", "ca-certificates.conf", "debian_version", "environment",
    "fonts",
    "gai.conf", "group", "host.conf", "hosts", "inputrc", "java", "ld.so.cache", "ld.so.conf", "ld.so.conf.d",
    "locale.alias", "locale.conf", "localtime", "login.defs", "magic", "mailcap", "mime.types", "networks",
    "nginx",
    "nsswitch.conf", "os-release", "passwd", "pki", "postgresql-common", "profile", "profile.d", "protocols",
    "python3",
    "redis", "resolv.conf", "rpc", "services", "shells", "ssl", "timezone", "xattr.conf",
  ]

  /// Files of /etc that differ from tenant to tenant.
  public static let suppliedNames = ["hostname", "hosts", "resolv.conf"]

  private let layout: Layout
  /// The empty directory to assemble roots on, absolute.
  public let stagingPath: String
  private let directory: String
  private let configuration: [String]
  /// Files whose text is the tenant's own.
  let supplied: SuppliedFiles
  private let state: Guarded<State>

  private struct State {
    /// What each source of /etc looked like when it was mounted.
    var fingerprint: [FileFingerprint?]
    /// When that was last compared, in seconds of CLOCK_MONOTONIC_COARSE.
    var comparedAt: Int
    /// Names are never used again, so that tenants that start meanwhile see a whole tree.
    var generation = 0
    /// The roots that were built, by their mount points: a tenant gets a copy of the mounts of one of them.
    var roots: [[MountPoint]: String] = [:]
  }

  private static let mostRoots = 64

  /// Builds the template on a new tmpfs at `directory`, which must exist.
  ///
  /// The caller has given the process a mount namespace of its own, with propagation to the host off:
  /// ``PrivateMounts/enter()``.
  public init(directory: String, configuration: [String] = standardConfiguration) throws(Fault) {
    self.directory = directory
    self.configuration = configuration
    stagingPath = directory + "/staging"
    let mount = OwnedDescriptor(
      owning: try systemCall("fsmount", path: directory, message: "cannot make the host template") {
        clinux_mount_tmpfs("0755", UInt64(CLINUX_MOUNT_NO_SET_ID))
      })
    let place = try Self.open(directory)
    try systemCall("move_mount", path: directory, message: "cannot mount the host template") {
      clinux_mount_attach(mount.rawValue, place.rawValue)
    }
    try Self.makeDirectory(stagingPath)
    try Self.makeDirectory(directory + "/supplied")
    supplied = SuppliedFiles(directory: directory + "/supplied")
    layout = try Self.buildPrograms(in: directory)
    try Self.buildDevices(in: directory + "/dev")
    try Self.buildConfiguration(configuration, in: directory + "/etc.0")
    state = Guarded(State(fingerprint: Self.fingerprint(configuration), comparedAt: Self.now()))
  }

  /// A copy of the template's /dev, for a root that isn't the host's.
  func devices() throws(Fault) -> MountTree { try copy("dev") }

  /// A copy of the whole root, with the mount points that a tenant needs.
  ///
  /// `etc` is made anew first if the host's has changed, which is looked at once a second: a file that is replaced by
  /// renaming, as editors and adduser(8) do, would otherwise stay what it was for good.
  func root(points: [MountPoint]) throws(Fault) -> MountTree {
    try state.withLock { state throws(Fault) in
      try refresh(&state)
      if let known = state.roots[points] { return try copy(known) }
      if state.roots.count >= Self.mostRoots { drop(&state) }
      let name = "root.\(state.generation).\(state.roots.count)"
      try build(points, at: "\(directory)/\(name)", configuration: "etc.\(state.generation)")
      state.roots[points] = name
      return try copy(name)
    }
  }

  private func refresh(_ state: inout State) throws(Fault) {
    let now = Self.now()
    guard now != state.comparedAt else { return }
    state.comparedAt = now
    let fingerprint = Self.fingerprint(configuration)
    guard fingerprint != state.fingerprint else { return }
    let next = "\(directory)/etc.\(state.generation + 1)"
    do throws(Fault) {
      try Self.buildConfiguration(configuration, in: next)
    } catch {
      _ = umount2(next, Int32(MNT_DETACH))
      _ = rmdir(next)
      throw error
    }
    state.fingerprint = fingerprint
    drop(&state)
  }

  /// Forgets the roots, and the `etc` before the newest. Tenants hold copies of their mounts.
  private func drop(_ state: inout State) {
    let next = "\(directory)/etc.\(state.generation + 1)"
    var names = Array(state.roots.values)
    if access(next, F_OK) == 0 { names.append("etc.\(state.generation)") }
    for name in names {
      _ = umount2("\(directory)/\(name)", Int32(MNT_DETACH))
      _ = rmdir("\(directory)/\(name)")
    }
    if access(next, F_OK) == 0 { state.generation += 1 }
    state.roots = [:]
  }

  private func build(_ points: [MountPoint], at root: String, configuration: String) throws(Fault) {
    try Self.mountTemporary(at: root)
    for link in layout.links {
      try systemCall("symlink", path: "\(root)/\(link.name)", message: "cannot make a root") {
        symlink(link.target, "\(root)/\(link.name)")
      }
    }
    for name in layout.directories {
      let tree = try copy(name == "etc" ? configuration : name)
      try Self.attach(tree, at: "\(root)/\(name)", isDirectory: true)
    }
    for point in points { try Self.makePoint(point, in: root) }
    try Self.restrict(root, to: [.readOnly, .noSetID, .noDevices])
  }

  /// Nothing but this class writes in the root, so its paths are followed without care. What can't be made in the
  /// host's read-only directories has to exist there already.
  private static func makePoint(_ point: MountPoint, in root: String) throws(Fault) {
    var path = root
    let components = point.path.split(separator: "/")
    for (index, component) in components.enumerated() {
      path += "/\(component)"
      if index < components.count - 1 || point.isDirectory {
        if mkdir(path, 0o755) == 0 || errno == EEXIST || errno == EROFS { continue }
        throw Fault(
          .hostTemplate, "cannot make a mount point", systemCall: "mkdir", path: point.path,
          errno: ErrorNumber(errno))
      }
      let file = Glibc.open(path, O_CREAT | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0o444)
      if file >= 0 { _ = close(file) }
    }
  }

  private func copy(_ name: String) throws(Fault) -> MountTree {
    let path = "\(directory)/\(name)"
    let place = try Self.open(path)
    return try MountTree(copying: place.rawValue, recursive: true, path: path)
  }

  private static func fingerprint(_ configuration: [String]) -> [FileFingerprint?] {
    configuration.map { FileFingerprint(path: "/etc/" + $0) }
  }

  private static func now() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC_COARSE, &time)
    return time.tv_sec
  }

  private static func buildPrograms(in directory: String) throws(Fault) -> Layout {
    var layout = Layout(directories: ["usr", "etc", "dev"], links: [])
    try bind("/usr", at: directory + "/usr")
    for name in ["bin", "sbin", "lib", "lib32", "lib64", "libx32"] {
      var buffer = [UInt8](repeating: 0, count: 256)
      let length = readlink("/" + name, &buffer, buffer.count)
      if length > 0, length < buffer.count {
        layout.links.append(Link(name: name, target: String(decoding: buffer[..<length], as: UTF8.self)))
      } else if FileFingerprint(path: "/" + name) != nil {
        try bind("/" + name, at: "\(directory)/\(name)")
        layout.directories.append(name)
      }
    }
    return layout
  }

  private static func buildDevices(in directory: String) throws(Fault) {
    try mountTemporary(at: directory)
    for name in deviceDirectories { try makeDirectory("\(directory)/\(name)") }
    for link in deviceLinks {
      try systemCall("symlink", path: "\(directory)/\(link.name)", message: "cannot make the host template") {
        symlink(link.target, "\(directory)/\(link.name)")
      }
    }
    for node in deviceNodes {
      let device = try VerifiedDevice(path: "/dev/\(node.name)", major: node.major, minor: node.minor)
      let tree = try MountTree(copying: device.descriptor.rawValue, path: device.path)
      try tree.set([.noSetID, .noExecution], path: device.path)
      try attach(tree, at: "\(directory)/\(node.name)", isDirectory: false)
    }
    try restrict(directory, to: [.readOnly, .noSetID, .noExecution])
  }

  private static func buildConfiguration(_ names: [String], in directory: String) throws(Fault) {
    try mountTemporary(at: directory)
    for name in names {
      let source = "/etc/" + name
      guard let file = FileFingerprint(path: source) else { continue }
      let target = "\(directory)/\(name)"
      guard file.isDirectory else {
        try copy(source, to: target)
        continue
      }
      let place = try open(source)
      let tree = try MountTree(copying: place.rawValue, recursive: true, path: source)
      try tree.set([.readOnly, .noSetID, .noDevices, .noExecution], recursive: true, path: source)
      try attach(tree, at: target, isDirectory: true)
    }
    // Places to mount the tenant's own on.
    for name in suppliedNames {
      let file = Glibc.open("\(directory)/\(name)", O_CREAT | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0o444)
      if file >= 0 { _ = close(file) }
    }
    try restrict(directory, to: [.readOnly, .noSetID, .noDevices, .noExecution])
  }

  /// Copies a file that everybody may read; one that not everybody may is left out. A copy costs each tenant nothing,
  /// where a mount would cost it some kernel memory and time.
  private static func copy(_ source: String, to target: String) throws(Fault) {
    let file = OwnedDescriptor(
      owning: try systemCall("open", path: source, message: "cannot make the host template") {
        Glibc.open(source, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
      })
    let number = file.rawValue
    var status = stat()
    try systemCall("fstat", path: source, message: "cannot make the host template") { fstat(number, &status) }
    guard status.st_mode & S_IFMT == S_IFREG, status.st_mode & S_IROTH != 0 else { return }
    let output = OwnedDescriptor(
      owning: try systemCall("open", path: target, message: "cannot make the host template") {
        Glibc.open(target, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, status.st_mode & 0o555)
      })
    let destination = output.rawValue
    while try systemCall(
      "sendfile", path: source, message: "cannot make the host template",
      { sendfile(destination, number, nil, 1 << 20) }) > 0
    {}
  }

  private static func bind(_ source: String, at target: String) throws(Fault) {
    let place = try open(source)
    let tree = try MountTree(copying: place.rawValue, recursive: true, path: source)
    try tree.set([.readOnly, .noSetID, .noDevices], recursive: true, path: source)
    try attach(tree, at: target, isDirectory: true)
  }

  private static func mountTemporary(at target: String) throws(Fault) {
    try makeDirectory(target)
    let mount = OwnedDescriptor(
      owning: try systemCall("fsmount", path: target, message: "cannot make the host template") {
        clinux_mount_tmpfs("0755", UInt64(CLINUX_MOUNT_NO_SET_ID))
      })
    let place = try open(target)
    try systemCall("move_mount", path: target, message: "cannot make the host template") {
      clinux_mount_attach(mount.rawValue, place.rawValue)
    }
  }

  private static func restrict(_ path: String, to attributes: MountAttributes) throws(Fault) {
    let place = try open(path)
    // A child that another thread starts just now holds copies of all descriptors until its exec, those that were
    // written through among them: the mount is busy for that long.
    for _ in 0..<1000 {
      if clinux_mount_set_attributes(place.rawValue, attributes.rawValue, 0, 0) == 0 { return }
      guard errno == EBUSY else { break }
      usleep(1000)
    }
    try systemCall("mount_setattr", path: path, message: "cannot make the host template read-only") {
      clinux_mount_set_attributes(place.rawValue, attributes.rawValue, 0, 0)
    }
  }

  private static func attach(_ tree: borrowing MountTree, at target: String, isDirectory: Bool) throws(Fault) {
    if isDirectory {
      try makeDirectory(target)
    } else {
      let file = try systemCall("open", path: target, message: "cannot make the host template") {
        Glibc.open(target, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o444)
      }
      _ = close(file)
    }
    let place = try open(target)
    let descriptor = tree.descriptor.rawValue
    try systemCall("move_mount", path: target, message: "cannot make the host template") {
      clinux_mount_attach(descriptor, place.rawValue)
    }
  }

  private static func makeDirectory(_ path: String) throws(Fault) {
    try systemCall("mkdir", path: path, message: "cannot make the host template") { mkdir(path, 0o755) }
  }

  private static func open(_ path: String) throws(Fault) -> OwnedDescriptor {
    OwnedDescriptor(
      owning: try systemCall("open", path: path, message: "cannot make the host template") {
        Glibc.open(path, O_PATH | O_CLOEXEC)
      })
  }
}
