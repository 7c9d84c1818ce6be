import Faults

extension SandboxSpec.Secret {
  /// Every file of a directory that is root's alone, under its own name, readable by one user; hidden ones are left out.
  ///
  /// - Throws: `secret.untrusted` if others can reach the directory or it holds too many files, or a system call's fault.
  public static func all(
    in directory: String, uid: UInt32, gid: UInt32, position: Fault.Position?
  ) throws(Fault) -> [SandboxSpec.Secret] {
    do throws(Fault) {
      let paths = try SecretSource.paths(in: directory)
      guard paths.count <= SecretMount.mostFiles else {
        throw Fault(
          .untrustedSecret, "\(paths.count) files are more secrets than the \(SecretMount.mostFiles) that a tenant has",
          path: directory)
      }
      return paths.map { path in
        SandboxSpec.Secret(
          name: path.split(separator: "/").last.map(String.init) ?? path, source: path, uid: uid, gid: gid, mode: 0o400,
          position: position)
      }
    } catch {
      var fault = error
      fault.position = position
      throw fault
    }
  }
}
