import Kernel

/// Whether the daemon serves; said by who starts and stops it.
package final class Readiness: Sendable {
  private let value: Guarded<String?>

  /// Serves, unless a reason is given.
  package init(_ reason: String? = nil) { value = Guarded(reason) }

  /// Why it doesn't serve; nil where it does.
  var reason: String? { value.withLock { $0 } }

  /// From now on it serves.
  func serves() { value.withLock { $0 = nil } }

  /// From now on it doesn't.
  func serves(notSince reason: String) { value.withLock { $0 = reason } }
}
