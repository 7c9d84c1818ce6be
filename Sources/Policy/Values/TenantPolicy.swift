import Faults

/// Everything that one policy file says about a tenant, validated, with defaults filled in.
///
/// A plain value: making one touches neither the file system nor the kernel. What only the host can answer
/// (whether a user, a path, a device or a controller exists) is left to the rooms that use it, which find the
/// place to point at in each ``Positioned`` value. `docs/policy.md` describes every key.
public struct TenantPolicy: Sendable, Equatable {
  /// `tenant`: the tenant's name, which also names its group and its log identifier.
  public var tenant: Positioned<TenantName>
  /// `description`: a line for people.
  public var description: String?
  /// `command`: the program and its arguments; never empty, and the first is an absolute path or a bare name
  /// that is searched in `PATH`.
  public var command: Positioned<[String]>
  /// `root`: what the tenant sees as `/`.
  public var root: RootPolicy
  /// `user`, `group`, `groups`: whom the command runs as, inside the tenant's id range.
  public var identity: IdentityPolicy
  /// `environment`: variables for the command, by name.
  public var environment: [String: Positioned<String>]
  /// `directory`: the working directory, `/` by default.
  public var directory: Positioned<String>
  /// `umask`: the file mode creation mask, 0o022 by default.
  public var umask: UInt32
  /// `rlimits`: resource limits in the order of the file; what isn't named keeps the daemon's default.
  public var resourceLimits: [ResourceLimit]
  /// `hostname`: the UTS host name; the tenant's name by default.
  public var hostname: Positioned<String>
  /// `cpu`: processor time and placement.
  public var cpu: CPUPolicy
  /// `memory`: memory and swap.
  public var memory: MemoryPolicy
  /// `pids.max`: the number of processes and threads, 512 by default.
  public var processes: Positioned<Limit<UInt64>>
  /// `io`: one entry per device.
  public var io: [IODevicePolicy]
  /// `network`: what network the tenant sees.
  public var network: NetworkPolicy
  /// `seccomp`: the system call filter.
  public var seccomp: SeccompPolicy
  /// `capabilities`: what the tenant keeps in its own user namespace; none by default, each at most once.
  public var capabilities: [Positioned<Capability>]
  /// `devices`: device nodes beside the private `/dev`'s own.
  public var devices: [DevicePolicy]
  /// `namespaces`: nested user namespaces and clock offsets.
  public var namespaces: NamespacePolicy
  /// `sysctls`: namespaced kernel parameters, in the order of the file.
  public var sysctls: [SysctlSetting]
  /// `stop`: how the tenant is asked to end.
  public var stop: StopPolicy
  /// `restart`: what happens when the command ends.
  public var restart: RestartPolicy
  /// `logs`: bounds on what standard output and standard error may write.
  public var logs: LogPolicy
  /// `enforcement`: what happens when the host can't hold a part of this policy.
  public var enforcement: Enforcement
  /// `allow`: who besides root may spawn it.
  public var allow: AllowPolicy
  /// `secrets`: files of the host's that only the tenant sees besides; none by default.
  public var secrets: SecretsPolicy
  /// `disk`: how much of the host's disks it may fill; `nil` is no bound.
  public var disk: DiskPolicy?
  /// `landlock`: whether the tenant is in a Landlock domain; `nil` is where the kernel has Landlock and nothing in the
  /// policy needs to mount.
  public var landlock: Positioned<Bool>?
  /// `health`: how it is found out whether the command does its work; `nil` without a check.
  public var health: HealthPolicy?
  /// `after`: the tenants that are started before this one and stopped after it; each once, and not itself.
  public var after: [Positioned<TenantName>]
}
