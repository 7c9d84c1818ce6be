import Faults
import Glibc
import Kernel

/// The host's null device.
enum NullDevice {
  static func open() throws(Fault) -> OwnedDescriptor {
    OwnedDescriptor(
      owning: try systemCall("open", path: "/dev/null", message: "cannot open the null device") {
        Glibc.open("/dev/null", O_RDWR | O_CLOEXEC)
      })
  }
}
