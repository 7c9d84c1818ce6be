import IOCalibration
import Policy

/// That a tenant writes to a file system; what tenants who share one do to each other.
///
/// On ext4, in its usual mode data=ordered, an fsync commits the journal, and that waits for the data that others wrote
/// to the file system before, whoever they are: no knob of IO reaches them (Documentation/filesystems/ext4/journal.rst;
/// xfs and btrfs have logs that all share as well).
public struct FileSystemUse: Sendable, Hashable, Codable {
  /// Who writes.
  public var tenant: String
  /// The file system's number, `st_dev` of stat(2).
  public var fileSystem: UInt64
  /// A path on it, by which people know it.
  public var path: String
  /// Whether the tenant has a target for synchronous writes there.
  public var hasTarget: Bool
  /// Whether it is the host itself.
  public var isHost: Bool

  /// Takes a use.
  public init(tenant: String, fileSystem: UInt64, path: String, hasTarget: Bool, isHost: Bool = false) {
    self.tenant = tenant
    self.fileSystem = fileSystem
    self.path = path
    self.hasTarget = hasTarget
    self.isHost = isHost
  }

  /// The file systems that a policy lets its tenant write to.
  ///
  /// - Parameter entries: the policy's `io:` with the disks that it means.
  public static func uses(
    of policy: TenantPolicy, as tenant: String, entries: [(policy: IODevicePolicy, disk: DiskFacts)]
  ) -> [FileSystemUse] {
    var paths = policy.root.writable.map(\.value.source)
    if case .directory(let path) = policy.root.overlay.value { paths.append(path) }
    return unique(paths).map { number, path in
      let hasTarget = entries.contains { entry in
        entry.policy.latency?.value.syncWrite != nil && entry.disk.holds(fileSystem: number)
      }
      return FileSystemUse(tenant: tenant, fileSystem: number, path: path, hasTarget: hasTarget)
    }
  }

  /// The file systems that the host itself writes to all the time: logs, what its services keep.
  public static func host() -> [FileSystemUse] {
    unique(["/", "/var", "/var/log"]).map { number, path in
      FileSystemUse(tenant: "the host", fileSystem: number, path: path, hasTarget: false, isHost: true)
    }
  }

  /// The first path on each file system; those that aren't there are left out.
  private static func unique(_ paths: [String]) -> [(number: UInt64, path: String)] {
    var seen: Set<UInt64> = []
    return paths.compactMap { path in
      guard let number = FileSystemNumber.of(path), seen.insert(number).inserted else { return nil }
      return (number, path)
    }
  }

  /// A sentence for each file system whose writers keep each other waiting.
  ///
  /// - Parameter withoutTarget: whether to tell also where nobody has a target for synchronous writes.
  public static func warnings(_ uses: some Sequence<FileSystemUse>, withoutTarget: Bool) -> [String] {
    var shared: [UInt64: [FileSystemUse]] = [:]
    for use in uses { shared[use.fileSystem, default: []].append(use) }
    return shared.values.compactMap { warning($0.sorted { $0.tenant < $1.tenant }, withoutTarget) }.sorted()
  }

  private static func warning(_ uses: [FileSystemUse], _ withoutTarget: Bool) -> String? {
    let writers = names(uses)
    guard writers.count > 1, let path = uses.map(\.path).min() else { return nil }
    let promised = names(uses.filter(\.hasTarget))
    if promised.count == 1, let tenant = promised.first {
      let others = writers.filter { $0 != tenant }
      return
        "\(tenant) shares the file system of \(path) with \(list(others)): an fsync waits for the others' data, so "
        + "the target for synchronous writes may be missed; give \(tenant) a file system of its own"
    }
    let tenants = names(uses.filter { !$0.isHost })
    guard !promised.isEmpty || (withoutTarget && tenants.count > 1) else { return nil }
    return
      "\(list(promised.isEmpty ? tenants : writers)) share the file system of \(path): an fsync waits for the others' data, however little IO "
      + "they are allowed; give each a file system of its own"
  }

  private static func names(_ uses: [FileSystemUse]) -> [String] {
    var seen: Set<String> = []
    return uses.map(\.tenant).filter { seen.insert($0).inserted }
  }

  private static func list(_ names: [String]) -> String {
    let shown = names.prefix(4)
    if names.count > shown.count {
      return shown.joined(separator: ", ") + " and \(names.count - shown.count) more"
    }
    guard let last = shown.last, shown.count > 1 else { return shown.first ?? "nobody" }
    return shown.dropLast().joined(separator: ", ") + " and " + last
  }
}
