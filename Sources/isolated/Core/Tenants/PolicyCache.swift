import Kernel
import Policy
import Sandbox

/// A policy with the digest of its text.
struct LoadedPolicy: Sendable {
  var policy: TenantPolicy
  /// SHA-256 in hexadecimal.
  var digest: String
  /// What it was made from.
  var source: PolicySource
}

/// Policies that were parsed before, by their file's name and bytes: a service is spawned from the same text again
/// and again.
final class PolicyCache: Sendable {
  private struct Key: Hashable {
    var file: String
    var bytes: [UInt8]
  }

  private static let capacity = 256
  private let policies: Guarded<[Key: LoadedPolicy]> = Guarded([:])

  /// The policy, parsed if it isn't known.
  func policy(_ bytes: [UInt8], file: String, parse: () throws(PolicyErrors) -> TenantPolicy)
    throws(PolicyErrors)
    -> LoadedPolicy
  {
    let key = Key(file: file, bytes: bytes)
    if let known = policies.withLock({ $0[key] }) { return known }
    let policy = LoadedPolicy(
      policy: try parse(), digest: SHA256.hexadecimal(of: bytes),
      source: PolicySource(text: String(decoding: bytes, as: UTF8.self), file: file))
    policies.withLock { policies in
      if policies.count >= Self.capacity { policies.removeAll() }
      policies[key] = policy
    }
    return policy
  }
}
