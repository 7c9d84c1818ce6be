import Kernel

/// What a spawn turned out to be about, noted on its way, so that the audit trail has it however the spawn ends.
final class SpawnTrail: Sendable {
  private let notes: Guarded<(tenant: String?, digest: String?)> = Guarded((nil, nil))

  /// The tenant's name, by the request or the policy.
  var tenant: String? { notes.withLock { $0.tenant } }
  /// SHA-256 of the policy's text.
  var policyDigest: String? { notes.withLock { $0.digest } }

  /// Notes the policy.
  func note(tenant: String, policyDigest: String) {
    notes.withLock { $0 = (tenant, policyDigest) }
  }
}
