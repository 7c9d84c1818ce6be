import Faults
import Glibc

/// What a directory holds.
public enum DirectoryListing {
  /// The names in a directory, `.` and `..` too, sorted.
  ///
  /// - Parameter message: what a fault says.
  /// - Throws: opendir(3)'s fault.
  public static func names(_ directory: String, message: String) throws(Fault) -> [String] {
    guard let stream = opendir(directory) else {
      throw Fault(.systemCallFailed, message, systemCall: "opendir", path: directory, errno: ErrorNumber(errno))
    }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      names.append(
        withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
    }
    return names.sorted()
  }
}
