import Kernel
import Policy

/// The host's directories that installed policies give to tenants.
enum PolicyPaths {
  private static let directories = ["/etc/isolated/policies", "/usr/share/isolated/policies"]
  private static let mostPolicies = 1000

  /// Those whose mounts need mapped ids: bases, writable paths and overlays; `/` and `/var/lib` where no policy names
  /// any. Symbolic links are not followed.
  static func mapped(_ host: DoctorHost) -> [String] {
    var paths: Set<String> = []
    for directory in directories {
      for name in host.tree.names(directory).prefix(mostPolicies) where name.hasSuffix(".yaml") {
        guard let text = host.tree.text("\(directory)/\(name)", limit: 1 << 20) else { continue }
        // What is wrong with a policy, `isoctl policy check` says.
        guard let policy = try? PolicyDocument.parse(text: text, file: name) else { continue }
        paths.formUnion(Self.paths(policy.root))
      }
    }
    return paths.isEmpty ? ["/", "/var/lib"] : paths.sorted()
  }

  private static func paths(_ root: RootPolicy) -> [String] {
    var paths = root.writable.map(\.value.source)
    if case .directory(let path) = root.base.value { paths.append(path) }
    if case .directory(let path) = root.overlay.value { paths.append(path) }
    return paths
  }
}
