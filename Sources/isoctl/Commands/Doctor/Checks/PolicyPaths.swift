import Kernel
import Policy

/// The host's directories that installed policies give to tenants.
enum PolicyPaths {
  private static let directories = ["/etc/isolated/policies", "/usr/share/isolated/policies"]
  private static let mostPolicies = 1000

  /// Those whose mounts need mapped ids: bases, writable paths and overlays; `/` and `/var/lib` where no policy names
  /// any. Symbolic links are not followed.
  static func mapped(_ host: DoctorHost) -> [String] {
    let paths = Set(policies(host).flatMap { Self.paths($0.root) })
    return paths.isEmpty ? ["/", "/var/lib"] : paths.sorted()
  }

  /// What a lack stops that only some policies mind: something if one of the installed asks for it.
  static func effect(_ host: DoctorHost, where asks: (TenantPolicy) -> Bool) -> HostCheck.Effect {
    policies(host).contains(where: asks) ? .policies : .nothing
  }

  private static func policies(_ host: DoctorHost) -> [TenantPolicy] {
    directories.flatMap { directory in
      host.tree.names(directory).prefix(mostPolicies).filter { $0.hasSuffix(".yaml") }.compactMap { name in
        // What is wrong with a policy, `isoctl policy check` says.
        host.tree.text("\(directory)/\(name)", limit: 1 << 20).flatMap {
          try? PolicyDocument.parse(text: $0, file: name)
        }
      }
    }
  }

  private static func paths(_ root: RootPolicy) -> [String] {
    var paths = root.writable.filter { $0.value.ids == .host }.map(\.value.source)
    if case .directory(let path) = root.base.value { paths.append(path) }
    if case .directory(let path) = root.overlay.value { paths.append(path) }
    return paths
  }
}
