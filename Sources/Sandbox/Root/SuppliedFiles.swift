import Faults
import Glibc
import Kernel

/// Small files whose text the daemon makes, such as a tenant's /etc/hosts: one for each text, mounted where it is needed.
///
/// They lie on the host template's tmpfs. A tenant that starts again finds its files there still; what is dropped stays
/// with the tenants that have it mounted.
final class SuppliedFiles: Sendable {
  private let directory: String
  private let state = Guarded(State())

  private struct State {
    var names: [[UInt8]: String] = [:]
  }

  private static let mostFiles = 1024

  /// Keeps the files in `directory`, which exists and is nobody else's.
  init(directory: String) { self.directory = directory }

  /// A read-only mount of a file that holds `bytes`, which everybody may read.
  func file(_ bytes: [UInt8]) throws(Fault) -> MountTree {
    try state.withLock { state throws(Fault) in
      if let known = state.names[bytes] { return try mount("\(directory)/\(known)") }
      if state.names.count >= Self.mostFiles {
        for name in state.names.values { _ = unlink("\(directory)/\(name)") }
        state.names = [:]
      }
      // Tenants see it in their table of mounts: it tells them no more than the text does.
      let name = SHA256.hexadecimal(of: bytes)
      try SmallFile.replace("\(directory)/\(name)", with: bytes, mode: 0o444)
      state.names[bytes] = name
      return try mount("\(directory)/\(name)")
    }
  }

  private func mount(_ path: String) throws(Fault) -> MountTree {
    let place = OwnedDescriptor(
      owning: try systemCall("open", path: path, message: "cannot supply a file of the tenant's root") {
        open(path, O_PATH | O_CLOEXEC | O_NOFOLLOW)
      })
    let tree = try MountTree(copying: place.rawValue, path: path)
    try tree.set([.readOnly, .noSetID, .noDevices, .noExecution], path: path)
    return tree
  }
}
