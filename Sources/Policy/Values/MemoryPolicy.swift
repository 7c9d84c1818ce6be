/// `memory`: in the words of the cgroup v2 `memory` controller (Documentation/admin-guide/cgroup-v2.rst).
///
/// Where they are set, `min` ≤ `low` ≤ `high` ≤ `max`.
public struct MemoryPolicy: Sendable, Equatable {
  /// `min`: memory that is never reclaimed from the tenant: its reservation.
  public var min: Positioned<ByteSize>?
  /// `low`: memory that is reclaimed only when nothing unprotected is left.
  public var low: Positioned<ByteSize>?
  /// `high`: above this the tenant is slowed down and reclaimed from.
  public var high: Positioned<ByteSize>?
  /// `max`: the hard limit; every policy gives one.
  public var max: Positioned<ByteSize>
  /// `swap`: swap space, none by default.
  public var swap: Positioned<Limit<ByteSize>>
  /// `zswap`: memory of the compressed swap cache; `nil` keeps the kernel's default.
  public var zswap: Positioned<Limit<ByteSize>>?
  /// `oom_group`: whether an out-of-memory kill ends the whole tenant, as it does by default.
  public var oomGroup: Positioned<Bool>
  /// `bandwidth`: its share of the bandwidth of each memory domain, 1 to 100 %; `nil` is no bound.
  public var bandwidth: Positioned<Percentage>?
}
