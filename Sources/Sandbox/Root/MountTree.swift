import CLinux
import Faults
import Kernel

/// A mount without a place: made from something of the host, given its attributes, and handed to a tenant.
///
/// It lives as long as its descriptor, or as long as what it was attached to. See open_tree(2), mount_setattr(2).
struct MountTree: ~Copyable, Sendable {
  let descriptor: OwnedDescriptor

  /// Takes over a detached mount.
  init(owning descriptor: consuming OwnedDescriptor) { self.descriptor = descriptor }

  /// Copies the mount at a descriptor (O_PATH) or, with a name, beneath it.
  ///
  /// - Parameter recursive: whether to copy what is mounted beneath as well.
  init(copying directory: Int32, name: String = "", recursive: Bool = false, path: String) throws(Fault) {
    descriptor = OwnedDescriptor(
      owning: try systemCall("open_tree", path: path, message: "cannot copy a mount of the host") {
        clinux_mount_clone(directory, name, recursive ? 1 : 0)
      })
  }

  /// Sets attributes on the mount and, if `recursive`, on all beneath it.
  func set(_ attributes: MountAttributes, recursive: Bool = false, path: String) throws(Fault) {
    try systemCall("mount_setattr", path: path, message: "cannot restrict a mount") {
      clinux_mount_set_attributes(descriptor.rawValue, attributes.rawValue, 0, recursive ? 1 : 0)
    }
  }

  /// Maps the ids of the files through a user namespace; see mount_setattr(2), "ID-mapped mounts".
  func mapIdentities(through namespace: borrowing OwnedDescriptor, path: String) throws(Fault) {
    let number = namespace.rawValue
    do {
      try systemCall("mount_setattr", path: path, message: "cannot map the ids of a mount") {
        clinux_mount_map_ids(descriptor.rawValue, number)
      }
    } catch {
      var fault = error
      fault.mend =
        "the file system must support id-mapped mounts: ext4, xfs, btrfs, tmpfs or overlay of a recent kernel"
      throw fault
    }
  }
}
