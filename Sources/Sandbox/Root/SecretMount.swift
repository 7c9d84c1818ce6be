import CLinux
import Faults
import Glibc
import Kernel

extension Fault.Code {
  /// A secret isn't root's alone, is no regular file, or is too large.
  public static let untrustedSecret: Self = "secret.untrusted"
}

/// The file system that holds a tenant's secrets.
///
/// It is a ramfs, whose pages are never swapped, and read-only for everybody once it is filled. The bytes go from file to
/// file within the kernel: no memory of the daemon's ever holds them, nor does the plan. It goes with the tenant's mount
/// namespace.
enum SecretMount {
  /// The most bytes that all secrets of a tenant may have; ramfs has no bound of its own, and nobody reclaims it.
  static let mostBytes = 1 << 20
  // linux/fcntl.h: AT_EMPTY_PATH, which the C library shows to _GNU_SOURCE alone.
  private static let emptyPath: Int32 = 0x1000
  /// The most files.
  static let mostFiles = 256

  /// Makes and fills it.
  static func make(_ secrets: [SandboxSpec.Secret], range: IdentityRange) throws(Fault) -> MountTree {
    let mount = MountTree(
      owning: OwnedDescriptor(
        owning: try systemCall("fsmount", message: "cannot make the secrets' file system") {
          clinux_mount_ramfs(
            "0755",
            UInt64(CLINUX_MOUNT_NO_SET_ID | CLINUX_MOUNT_NO_DEVICES | CLINUX_MOUNT_NO_EXECUTION))
        }))
    let directory = mount.descriptor.rawValue
    try systemCall("fchownat", message: "cannot make the secrets' file system") {
      fchownat(directory, "", range.first, range.first, emptyPath)
    }
    var bytes = 0
    for secret in secrets {
      do throws(Fault) {
        let file = try SecretSource.open(secret.source)
        bytes += file.size
        guard bytes <= mostBytes else {
          throw Fault(
            .untrustedSecret, "the tenant's secrets have more than \(mostBytes) bytes", path: secret.source,
            mend: "hand larger files in by `root.readable`")
        }
        try copy(file, to: secret, in: directory, range: range)
      } catch {
        var fault = error
        fault.position = secret.position
        throw fault
      }
    }
    try freeze(directory)
    try mount.set([.readOnly], path: SandboxSpec.secretsPlace)
    return mount
  }

  private static func copy(
    _ file: borrowing SecretSource, to secret: SandboxSpec.Secret, in directory: Int32, range: IdentityRange
  ) throws(Fault) {
    guard let user = range.hostIdentity(of: secret.uid), let group = range.hostIdentity(of: secret.gid) else {
      throw Fault(.invalidSandbox, "the owner of a secret is not one of the tenant's users", path: secret.name)
    }
    let target = OwnedDescriptor(
      owning: try systemCall("openat", path: secret.name, message: "cannot make a secret") {
        openat(directory, secret.name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0)
      })
    let (input, output) = (file.descriptor.rawValue, target.rawValue)
    var left = file.size
    while left > 0 {
      let count = left
      let moved = try systemCall("sendfile", path: secret.source, message: "cannot copy a secret") {
        sendfile(output, input, nil, count)
      }
      guard moved > 0 else {
        throw Fault(.untrustedSecret, "the secret became shorter while it was read", path: secret.source)
      }
      left -= moved
    }
    try systemCall("fchown", path: secret.name, message: "cannot make a secret") { fchown(output, user, group) }
    try systemCall("fchmod", path: secret.name, message: "cannot make a secret") { fchmod(output, secret.mode) }
  }

  /// A child that another thread starts just now holds copies of all descriptors until its exec, that of the last secret
  /// among them: the file system is busy for that long.
  private static func freeze(_ directory: Int32) throws(Fault) {
    for _ in 0..<1000 {
      if clinux_mount_freeze(directory) == 0 { return }
      guard errno == EBUSY else { break }
      usleep(1000)
    }
    try systemCall("fsconfig", message: "cannot make the secrets read-only") { clinux_mount_freeze(directory) }
  }
}
