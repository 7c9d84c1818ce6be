import CLinux
import Faults
import Glibc
import Kernel
import Policy
import Sandbox

/// The files of /etc that the daemon makes for a tenant: its name, its hosts, its resolver.
enum SuppliedFilePlan {
  private static let mostBytes = 1 << 20

  /// What `policy`'s tenant gets.
  ///
  /// A place that the policy fills itself is left to it. So is one that a root directory lacks or has as a link, since a
  /// start follows none; on an overlay what is lacking is made.
  ///
  /// - Parameter root: the directory that is the root's base.
  static func files(for policy: TenantPolicy, root: Int32) -> [SandboxSpec.SuppliedFile] {
    var files = [
      SandboxSpec.SuppliedFile(path: "/etc/hostname", bytes: Array("\(policy.hostname)\n".utf8)),
      SandboxSpec.SuppliedFile(
        path: "/etc/hosts", bytes: Array(hosts(for: policy, host: text("/etc/hosts", policy)).utf8)),
    ]
    // The host's own resolv.conf is in every root on the host's base already.
    if policy.network.mode.value == .none || !policy.network.nameservers.isEmpty || policy.root.base.value != .host {
      files.append(
        .init(
          path: "/etc/resolv.conf",
          bytes: Array(resolver(for: policy, host: text("/etc/resolv.conf", policy)).utf8)))
    }
    let binds = policy.root.readable + policy.root.writable
    let taken = binds.map(\.value.path) + policy.root.temporary.map(\.path.value)
    return files.filter { file in
      !taken.contains { $0 == file.path || file.path.hasPrefix($0 + "/") } && hasPlace(for: file.path, policy, root)
    }
  }

  /// `/etc/hosts`: on the host's network the host's lines and the tenant's name, else what loopback needs.
  static func hosts(for policy: TenantPolicy, host: String) -> String {
    let name = policy.hostname.value
    var lines = policy.network.hosts.map { "\($0.address) \($0.name)" }
    if policy.network.mode.value == .none {
      lines += ["127.0.0.1 localhost", "::1 localhost ip6-localhost ip6-loopback"]
    }
    if name != "localhost", !policy.network.hosts.contains(where: { $0.name.value == name }) {
      let short = name.split(separator: ".").first.map(String.init) ?? name
      lines.append("127.0.1.1 \(name)" + (short == name ? "" : " \(short)"))
    }
    return lines.map { $0 + "\n" }.joined() + (policy.network.mode.value == .host ? host : "")
  }

  /// `/etc/resolv.conf`: the policy's servers, or the host's file on the host's network, or nothing.
  static func resolver(for policy: TenantPolicy, host: String) -> String {
    guard policy.network.nameservers.isEmpty else {
      return policy.network.nameservers.map { "nameserver \($0)\n" }.joined()
    }
    return policy.network.mode.value == .host ? host : ""
  }

  /// A file of the host's that everybody may read, where the tenant has the host's network; "" where there is none.
  private static func text(_ path: String, _ policy: TenantPolicy) -> String {
    guard policy.network.mode.value == .host else { return "" }
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IROTH != 0 else { return "" }
    return (try? SmallFile.read(path, limit: mostBytes)) ?? ""
  }

  private static func hasPlace(for path: String, _ policy: TenantPolicy, _ root: Int32) -> Bool {
    guard case .directory = policy.root.base.value else { return true }
    // linux/openat2.h: RESOLVE_IN_ROOT, RESOLVE_NO_SYMLINKS, RESOLVE_NO_MAGICLINKS.
    let found = clinux_openat2(root, path, UInt64(O_PATH | O_CLOEXEC | O_NOFOLLOW), 0, 0x10 | 0x04 | 0x02)
    guard found >= 0 else { return errno == ENOENT && policy.root.overlay.value != .none }
    let file = OwnedDescriptor(owning: found)
    var status = stat()
    return fstat(file.rawValue, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }
}
