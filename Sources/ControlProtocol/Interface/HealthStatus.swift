/// What a tenant's health checks came to.
public struct HealthStatus: Codable, Sendable, Hashable {
  /// `starting`, `healthy` or `unhealthy`.
  public var status: String
  /// What is checked, in a few words.
  public var check: String
  /// Failures in a row that count.
  public var failures: Int
  /// Why the last check failed; absent once one has passed.
  public var reason: String?

  /// Describes a tenant's health.
  public init(status: String, check: String, failures: Int, reason: String? = nil) {
    self.status = status
    self.check = check
    self.failures = failures
    self.reason = reason
  }
}
