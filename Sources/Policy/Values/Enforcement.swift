/// `enforcement`: what happens when the host can't hold a part of the policy.
public enum Enforcement: String, CaseIterable, Sendable, Hashable {
  /// The spawn is refused; the default.
  case strict
  /// The spawn goes on, and `isoctl inspect` lists what doesn't hold.
  case bestEffort = "best-effort"
}
