import Faults
import Glibc
import Kernel
import Policy

extension DaemonConfiguration {
  /// Reads the configuration.
  ///
  /// - Parameter path: a file that must exist; nil for ``standardPath``, which may be absent.
  /// - Throws: the first fault of the file, with its position, or the system call's.
  public static func load(_ path: String?) throws(Fault) -> DaemonConfiguration {
    if path == nil, access(standardPath, F_OK) != 0 { return DaemonConfiguration() }
    let file = path ?? standardPath
    let bytes = try SmallFile.readBytes(file, limit: 1 << 20)
    do throws(PolicyErrors) {
      return try ConfigurationDocument.parse(bytes: bytes, file: file)
    } catch {
      throw error.joined(mostOthers: 49)
    }
  }
}
