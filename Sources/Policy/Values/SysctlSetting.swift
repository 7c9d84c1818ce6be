/// `sysctls`: a kernel parameter that belongs to one of the tenant's own namespaces.
public struct SysctlSetting: Sendable, Equatable {
  /// The dotted name, on the allow-list: `net.*`, `kernel.msg*`, `kernel.sem*`, `kernel.shm*`, `fs.mqueue.*`.
  public var name: Positioned<String>
  /// What to write.
  public var value: Positioned<String>
}
