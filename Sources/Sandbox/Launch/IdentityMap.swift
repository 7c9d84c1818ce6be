import CTenantPlan
import Faults
import Glibc
import Kernel

/// The id maps of user namespaces; see user_namespaces(7).
public struct IdentityMap: Sendable, Hashable {
  /// One line of a map: `count` ids from `inside` stand for those from `outside`.
  public struct Extent: Sendable, Hashable {
    /// The first id in the namespace.
    public var inside: UInt32
    /// The first id outside.
    public var outside: UInt32
    /// How many.
    public var count: UInt32
  }

  /// The lines.
  public var extents: [Extent]

  /// The map of a tenant's own namespace: 0 and up stand for its range.
  public static func tenant(_ range: IdentityRange) -> IdentityMap {
    IdentityMap(extents: [Extent(inside: 0, outside: range.first, count: range.count)])
  }

  /// The map for a directory of the host that a tenant may write.
  ///
  /// On the disk, ids are what they are on the host: a tenant's user `postgres` owns what the host's `postgres` owns.
  /// The exception is 0: what root inside creates belongs to the tenant's own id on the disk, since a set-user-ID
  /// file of root's in a directory of the host would make the tenant root outside.
  public static func writable(_ range: IdentityRange) -> IdentityMap {
    IdentityMap(extents: [
      Extent(inside: 1, outside: range.first + 1, count: range.count - 1),
      Extent(inside: range.first, outside: range.first, count: 1),
    ])
  }

  /// The text for `/proc/PID/uid_map`.
  var text: String { extents.map { "\($0.inside) \($0.outside) \($0.count)\n" }.joined() }

  /// Writes the map of the user namespace that `pid`, a child that hasn't been waited for, lives in.
  func write(to pid: Int32) throws(Fault) {
    for name in ["gid_map", "uid_map"] {
      let path = "/proc/\(pid)/\(name)"
      let file = OwnedDescriptor(
        owning: try systemCall("open", path: path, message: "cannot map the tenant's ids") {
          open(path, O_WRONLY | O_CLOEXEC)
        })
      let number = file.rawValue
      let text = self.text
      try systemCall("write", path: path, message: "cannot map the tenant's ids") {
        Glibc.write(number, text, text.utf8.count)
      }
    }
  }
}

/// A user namespace that nobody lives in, to map the ids of mounts through.
struct MappingNamespace: ~Copyable {
  let descriptor: OwnedDescriptor

  /// Makes one by way of a short-lived tenant-init in `cgroup`.
  init(_ map: IdentityMap, program: InitProgram, cgroup: Int32) throws(Fault) {
    var channel = try InitChannel()
    let null = try NullDevice.open()
    let process = try program.spawn(
      "namespace", cgroup: cgroup, descriptors: [null.rawValue, null.rawValue, null.rawValue, channel.farEnd])
    channel.closeFarEnd()
    defer { process.kill() }
    _ = try channel.expect(TENANT_MESSAGE_NAMESPACES)
    try map.write(to: process.pid)
    descriptor = try Self.open(of: process.pid)
  }

  /// The user namespace of a child that hasn't been waited for.
  static func open(of pid: Int32) throws(Fault) -> OwnedDescriptor {
    let path = "/proc/\(pid)/ns/user"
    return OwnedDescriptor(
      owning: try systemCall("open", path: path, message: "cannot open the tenant's user namespace") {
        Glibc.open(path, O_RDONLY | O_CLOEXEC)
      })
  }
}
