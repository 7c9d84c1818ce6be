import CLinux
import CTenantPlan
import Faults

/// A tenant's Landlock domain: what its processes are kept to whatever is mounted, by rules of the running kernel.
///
/// It repeats what the mounts say: the root may be read and executed, and written where the policy lets the tenant
/// write. What mounts can be talked out of by whoever holds CAP_SYS_ADMIN inside, a domain can't; nor can anybody in it
/// mount, unmount or pivot at all. A domain can't be joined: whoever enters a running tenant makes an equal one, from
/// the records that ``PayloadProfile`` keeps.
public struct LandlockDomain: Sendable, Hashable {
  /// What is allowed beneath one path.
  public struct PathRule: Sendable, Hashable {
    /// Absolute, in the tenant.
    public var path: String
    /// What is allowed.
    public var access: LandlockAccess
  }

  /// What is allowed with one TCP port.
  public struct PortRule: Sendable, Hashable {
    /// The port; 0 is any that the kernel chooses.
    public var port: UInt16
    /// bind(2) and connect(2).
    public var access: UInt64
  }

  /// The TCP ports that a policy allows; nil is all.
  public struct Ports: Sendable, Hashable {
    /// Those to bind to.
    public var bind: [UInt16]?
    /// Those to connect to.
    public var connect: [UInt16]?

    /// Names the ports.
    public init(bind: [UInt16]? = nil, connect: [UInt16]? = nil) {
      self.bind = bind
      self.connect = connect
    }
  }

  /// The version of the kernel's interface that it was made for.
  public let version: Int
  /// What is forbidden unless a rule allows it.
  public let files: LandlockAccess
  /// LANDLOCK_ACCESS_NET_*, likewise.
  public let network: UInt64
  /// LANDLOCK_SCOPE_*.
  public let scopes: UInt64
  /// What is allowed.
  public let paths: [PathRule]
  /// What is allowed of TCP.
  public let ports: [PortRule]

  static let bindPort: UInt64 = 1 << 0
  static let connectPort: UInt64 = 1 << 1
  static let abstractSockets: UInt64 = 1 << 0
  /// The versions that know TCP ports, and scopes.
  public static let portsVersion = 4
  /// As above.
  public static let scopesVersion = 6

  /// The version that the running kernel speaks; nil where Landlock isn't there or isn't on.
  public static var kernelVersion: Int? {
    let answer = clinux_probe_landlock()
    return answer > 0 ? Int(answer) : nil
  }

  /// The domain of a tenant.
  ///
  /// - Parameters:
  ///   - spec: its sandbox.
  ///   - ports: what its policy says of TCP; without effect before version 4.
  ///   - version: the kernel's.
  ///   - allowsMounts: whether files are left out, since only a domain without rules for them lets anybody mount.
  public init(_ spec: SandboxSpec, ports: Ports, version: Int, allowsMounts: Bool = false) {
    let known = allowsMounts ? [] : LandlockAccess.known(to: version)
    self.version = version
    files = known
    // In a network namespace of its own there are no abstract sockets but its own. Of signals, the process namespace
    // keeps all that lie outside, and a scope would keep those apart who enter the tenant later.
    scopes = version >= Self.scopesVersion && spec.usesHostNetwork ? Self.abstractSockets : 0
    paths = Self.paths(spec).map { PathRule(path: $0.key, access: $0.value.intersection(known)) }
      .filter { !$0.access.isEmpty }.sorted { $0.path < $1.path }
    guard version >= Self.portsVersion else {
      network = 0
      self.ports = []
      return
    }
    network = (ports.bind == nil ? 0 : Self.bindPort) | (ports.connect == nil ? 0 : Self.connectPort)
    var allowed: [UInt16: UInt64] = [:]
    for port in ports.bind ?? [] { allowed[port, default: 0] |= Self.bindPort }
    for port in ports.connect ?? [] { allowed[port, default: 0] |= Self.connectPort }
    self.ports = allowed.map { PortRule(port: $0.key, access: $0.value) }.sorted { $0.port < $1.port }
  }

  private static func paths(_ spec: SandboxSpec) -> [String: LandlockAccess] {
    var paths: [String: LandlockAccess] = ["/": .reading]
    func allow(_ access: LandlockAccess, _ path: String) { paths[path, default: []].formUnion(access) }
    if spec.base != .host, spec.overlay != .none { allow(.writing, "/") }
    // /proc/PID has files that a process writes about itself; what tells the kernel is read-only or masked by mounts.
    allow([.writeFile, .truncate], "/proc")
    allow([.writeFile, .truncate, .controlDevice], "/dev")
    for path in ["/dev/shm", "/tmp"] { allow(.writing, path) }
    // mq_open(3) opens its files on the kernel's own mount of what is mounted here, which lies beneath no root.
    allow([.reading, .writing], "/dev/mqueue")
    for mount in spec.temporaryMounts { allow(.writing, mount.path) }
    for path in spec.hostPaths where path.isWritable { allow(.writing, path.target) }
    return paths
  }

  /// Whether it forbids nothing: the kernel makes no such domain.
  public var isEmpty: Bool { files.isEmpty && network == 0 && scopes == 0 }

  /// What it holds, in a sentence for `isoctl inspect`.
  public var text: String {
    var parts = ["version \(version)"]
    if !files.isEmpty {
      let writable = paths.filter { $0.access.contains(.writing.intersection(files)) }.map(\.path)
      parts += ["files are written in \(writable.joined(separator: " ")) only", "no mounts"]
    }
    func list(_ access: UInt64) -> String {
      let numbers = ports.filter { $0.access & access != 0 }.map { "\($0.port)" }
      return numbers.isEmpty ? "none" : numbers.joined(separator: " ")
    }
    if network & Self.bindPort != 0 { parts.append("TCP ports to bind: \(list(Self.bindPort))") }
    if network & Self.connectPort != 0 { parts.append("TCP ports to connect to: \(list(Self.connectPort))") }
    if scopes & Self.abstractSockets != 0 { parts.append("no abstract sockets of others") }
    return parts.joined(separator: ", ")
  }

  /// Writes the records that tenant-init makes the domain from.
  func write(to writer: inout PlanWriter) {
    writer.record(TENANT_RECORD_LANDLOCK) {
      $0.value(tenant_landlock(files: files.rawValue, network: network, scopes: scopes))
    }
    for rule in paths {
      writer.record(TENANT_RECORD_LANDLOCK_PATH) {
        $0.value(rule.access.rawValue)
        $0.text(rule.path)
      }
    }
    for rule in ports {
      writer.record(TENANT_RECORD_LANDLOCK_PORT) {
        $0.value(tenant_landlock_port(access: rule.access, port: UInt64(rule.port)))
      }
    }
  }
}
