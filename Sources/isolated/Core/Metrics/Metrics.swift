/// Every family that the daemon exports. docs/metrics.md describes them to users; a test compares both.
package enum Metrics {
  /// All, in the order of the exposition.
  package static let all = tenant + tenantIO + disk + daemon + process
}
