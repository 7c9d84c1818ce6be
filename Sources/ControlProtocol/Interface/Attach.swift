/// Hands over the terminal of a tenant that was spawned with one.
///
/// Answers with a socket to the tenant's PID 1: see ``TenantSession``. Whoever had the terminal so far is told that it
/// was taken. Closing the socket detaches; what the command writes then goes to the log.
public enum Attach: ControlMethod {
  /// The name in the interface.
  public static let name = "Attach"
  /// The tenant.
  public typealias Request = TenantName
  /// How to go on with it.
  public typealias Reply = Exec.Reply
}

/// Has a tenant that was spawned in the foreground go on when its client hangs up.
public enum Detach: ControlMethod {
  /// The name in the interface.
  public static let name = "Detach"
  /// The tenant.
  public typealias Request = TenantName
  /// Nothing.
  public typealias Reply = NoParameters
}
