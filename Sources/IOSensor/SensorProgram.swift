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
    do {
      return try TrustedFile.read(
        path, called: "the IO sensor's program", mostBytes: mostBytes,
        refusal: Fault(
          .sensorProgramUntrusted, "the IO sensor's program is not a file of root's that only root can write",
          mend: "install the package again, or make root its owner and its mode 0644"))
    } catch {
      guard error.systemCall == "open" else { throw error }
      var located = error
      located.code = .sensorProgramUntrusted
      if error.errno?.number == ENOENT { located.mend = "install the package again" }
      throw located
    }
  }
}
