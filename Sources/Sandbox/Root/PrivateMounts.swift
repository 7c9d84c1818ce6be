import CLinux
import Faults
import Glibc
import Kernel

/// The daemon's own mount namespace: what it mounts is invisible to the host, and goes with it however it ends.
public enum PrivateMounts {
  /// Gives the calling process a mount namespace that still follows the host's mounts.
  ///
  /// Call it before any other thread exists: unshare(2) moves only the caller.
  public static func enter() throws(Fault) {
    try systemCall("unshare", message: "cannot make a mount namespace for the daemon") { clinux_mount_unshare() }
    try systemCall("mount", path: "/", message: "cannot stop mounts from spreading to the host") {
      clinux_mount_make_slave("/")
    }
  }
}
