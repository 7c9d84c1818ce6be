import ControlProtocol
import Faults
import Glibc
import Kernel

extension Fault.Code {
  /// What a client hands over as a standard stream can't be one.
  public static let unsuitableStream: Self = "tenant.unsuitable-stream"
}

/// What may become a tenant's standard input, output or error: something that bytes flow through.
///
/// A directory leads back to the host: openat(2) climbs from it, past the tenant's root, to everything that is mounted
/// there (the door of CVE-2024-21626). A descriptor that was opened with O_PATH stands for a file that the tenant could
/// open or connect to by `/proc/self/fd`, although its root doesn't hold it. Neither can be read or written, so no
/// program loses by their absence.
enum StandardStream {
  /// Input, output and error as a call says; nil if it says nothing.
  ///
  /// - Throws: `tenant.unsuitable-stream` for one that isn't there or that ``check(_:name:)`` refuses.
  static func chosen(_ indexes: Stdio?, from descriptors: [SharedDescriptor]) throws(Fault) -> [SharedDescriptor]? {
    guard let indexes else { return nil }
    let named = [
      (indexes.stdin, "standard input"), (indexes.stdout, "standard output"), (indexes.stderr, "standard error"),
    ]
    return try named.map { index, name throws(Fault) in
      guard descriptors.indices.contains(index) else {
        throw refusal("\(name) is to be descriptor \(index) of the call, which it doesn't have")
      }
      try check(descriptors[index], name: name)
      return descriptors[index]
    }
  }

  /// Refuses all but regular files, pipes, sockets, terminals and other devices.
  ///
  /// - Parameter name: what messages call the stream, for example `standard input`.
  /// - Throws: `tenant.unsuitable-stream`, or the fault of a system call.
  static func check(_ descriptor: SharedDescriptor, name: String) throws(Fault) {
    let number = descriptor.rawValue
    let flags = try systemCall("fcntl", message: "cannot look at a standard stream") { fcntl(number, F_GETFL) }
    var status = stat()
    try systemCall("fstat", message: "cannot look at a standard stream") { fstat(number, &status) }
    let kind = status.st_mode & S_IFMT
    guard kind != S_IFDIR else {
      throw refusal("\(name) is a directory, from which a tenant could reach what lies outside of its root")
    }
    guard flags & O_PATH == 0, [S_IFREG, S_IFIFO, S_IFSOCK, S_IFCHR, S_IFBLK].contains(kind) else {
      throw refusal("\(name) is nothing that can be read or written as a stream")
    }
  }

  private static func refusal(_ what: String) -> Fault {
    Fault(.unsuitableStream, what, mend: "redirect it to a file, a pipe or /dev/null")
  }
}
