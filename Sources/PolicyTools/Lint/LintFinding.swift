import Faults

/// Something in a valid policy that weakens the wall, or a promise.
public struct LintFinding: Sendable, Hashable {
  /// How much it matters.
  public enum Severity: String, Sendable, Comparable, CaseIterable {
    /// Worth knowing; nothing depends on it.
    case note
    /// Widens what a hostile program can reach or do.
    case warning
    /// Gives the wall away.
    case error

    /// Orders by weight.
    public static func < (left: Self, right: Self) -> Bool { left.weight < right.weight }

    private var weight: Int {
      switch self {
      case .note: 0
      case .warning: 1
      case .error: 2
      }
    }
  }

  /// A stable name in dotted lower case: `lint.host-network`.
  public var code: String
  /// How much it matters.
  public var severity: Severity
  /// What is granted, as one sentence without a full stop.
  public var message: String
  /// Why that matters, likewise.
  public var reason: String
  /// What to do about it, likewise.
  public var mend: String
  /// Where it stands; nil for what isn't there, or has no place of its own.
  public var position: Fault.Position?

  /// Describes a finding; `name` is its code without `lint.`.
  public init(
    _ name: String, _ severity: Severity, _ message: String, because reason: String, mend: String,
    at position: Fault.Position? = nil
  ) {
    code = "lint." + name
    self.severity = severity
    self.message = message
    self.reason = reason
    self.mend = mend
    self.position = position
  }
}
