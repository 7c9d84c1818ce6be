import Policy

/// What `/etc/isolated/isolated.yaml` says, with defaults filled in.
///
/// A plain value: what only the host can answer, such as whether a group exists, is left to those who use it,
/// and each value that they may refuse keeps its place in the file.
public struct DaemonConfiguration: Sendable, Equatable {
  /// Where the tenants' groups hang in the cgroup tree.
  public enum GroupParent: Sendable, Hashable {
    /// In the delegated unit where systemd started the daemon, otherwise in a group of its own.
    case automatic
    /// In the delegated unit `isolated-tenants.service`; without systemd the daemon doesn't start.
    case systemd
    /// In this directory of the cgroup2 mount.
    case directory(String)
  }

  /// `ids`: the host's ids that tenants' ranges are cut from.
  public struct IdentityRanges: Sendable, Equatable {
    /// The first id; a multiple of 65536.
    public var first: Positioned<UInt32>
    /// How many ids; a multiple of 65536, which is what each tenant gets.
    public var count: Positioned<UInt32>
  }

  /// `admission`: how much of the machine is given away.
  public struct Admission: Sendable, Equatable {
    /// Whether the sum of `memory.max` may exceed the machine's memory.
    public var memoryOvercommit: Positioned<Bool>
    /// Memory that is kept for the host.
    public var memoryReserve: Positioned<ByteSize>
    /// How many tenants may run at once.
    public var tenants: Positioned<UInt64>
  }

  /// `logs`: where tenants' output goes without a journal, and how much a tenant may write unless its policy
  /// says.
  public struct Logs: Sendable, Equatable {
    /// Where the files are.
    public var directory: Positioned<String>
    /// Bytes a second in the long run.
    public var rate: Positioned<ByteRate>
    /// Bytes that may come at once.
    public var burst: Positioned<ByteSize>
    /// Bytes in one file before it is rotated.
    public var fileSize: Positioned<ByteSize>
  }

  /// The path where the daemon reads it, unless told otherwise.
  public static let standardPath = "/etc/isolated/isolated.yaml"

  /// `socket`: the control socket.
  public var socket = Positioned("/run/isolated/io.isolated")
  /// `group`: whose members may use the control socket.
  public var group: Positioned<Principal> = Positioned(.name("isolated"))
  /// `policies`: where policies are looked up by name; the first directory that has one wins.
  public var policyDirectories = [
    Positioned("/etc/isolated/policies"), Positioned("/usr/share/isolated/policies"),
  ]
  /// `tenants`: the policies of tenants that are started with the host.
  public var tenantsDirectory = Positioned("/etc/isolated/tenants.d")
  /// `state`: what a restarted daemon needs, until the machine's next boot.
  public var stateDirectory = Positioned("/run/isolated")
  /// `persistent_state`: what is kept for good, such as the tenants' id ranges.
  public var persistentStateDirectory = Positioned("/var/lib/isolated")
  /// `cgroup.parent`.
  public var groupParent: Positioned<GroupParent> = Positioned(.automatic)
  /// `tenant_init`: the program that builds the sandbox.
  public var tenantInit = Positioned("/usr/lib/isolated/tenant-init")
  /// `ids`: 24,576 ranges by default.
  public var identityRanges = IdentityRanges(first: Positioned(268_435_456), count: Positioned(1_610_612_736))
  /// `admission`.
  public var admission = Admission(
    memoryOvercommit: Positioned(false), memoryReserve: Positioned(ByteSize(bytes: 256 << 20)),
    tenants: Positioned(4096))
  /// `logs`.
  public var logs = Logs(
    directory: Positioned("/var/log/isolated"), rate: Positioned(ByteRate(bytesPerSecond: 256 << 10)),
    burst: Positioned(ByteSize(bytes: 1 << 20)), fileSize: Positioned(ByteSize(bytes: 16 << 20)))
  /// `metrics`.
  public var metrics = Metrics()
  /// `seccomp_cache`: compiled system call filters.
  public var seccompCacheDirectory = Positioned("/var/cache/isolated/seccomp")

  /// The configuration without a file.
  public init() {}
}
