import Faults
import Glibc
import Kernel

/// Reads the BPF program that the sensor loads. What it may do in the kernel is much; so only root may have written it.
enum SensorProgram {
  /// Far above what the program has, and little enough to be read at once.
  static let mostBytes = 4 << 20

  /// The bytes of the object file at `path`.
  ///
  /// - Throws: `.sensorProgramUntrusted` where it isn't a regular file of root's that only root can write.
  static func read(_ path: String) throws(Fault) -> [UInt8] {
    let file: OwnedDescriptor
    do {
      file = OwnedDescriptor(
        owning: try systemCall("open", path: path, message: "cannot open the IO sensor's program") {
          open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        })
    } catch {
      var located = error
      located.code = .sensorProgramUntrusted
      if error.errno?.number == ENOENT { located.mend = "install the package again" }
      throw located
    }
    let number = file.rawValue
    var status = stat()
    try systemCall("fstat", path: path, message: "cannot look at the IO sensor's program") { fstat(number, &status) }
    guard
      status.st_mode & S_IFMT == S_IFREG, status.st_uid == 0 || status.st_uid == geteuid(),
      status.st_mode & (S_IWGRP | S_IWOTH) == 0,
      status.st_size > 0, status.st_size <= mostBytes
    else {
      throw Fault(
        .sensorProgramUntrusted, "the IO sensor's program is not a file of root's that only root can write", path: path,
        mend: "install the package again, or make root its owner and its mode 0644")
    }
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    var filled = 0
    while filled < bytes.count {
      let got = try systemCall("read", path: path, message: "cannot read the IO sensor's program") {
        bytes.withUnsafeMutableBytes { room in
          Glibc.read(number, room.baseAddress.map { $0 + filled }, room.count - filled)
        }
      }
      guard got > 0 else {
        throw Fault(.sensorProgramUntrusted, "the IO sensor's program became shorter while it was read", path: path)
      }
      filled += got
    }
    return bytes
  }
}
