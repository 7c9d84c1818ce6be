/// Has all processes of a tenant stand still. Answers once they do.
public enum Freeze: ControlMethod {
  /// The name in the interface.
  public static let name = "Freeze"
  /// The tenant.
  public typealias Request = TenantName
  /// Nothing.
  public typealias Reply = NoParameters
}

/// Lets the processes of a frozen tenant run again.
public enum Thaw: ControlMethod {
  /// The name in the interface.
  public static let name = "Thaw"
  /// The tenant.
  public typealias Request = TenantName
  /// Nothing.
  public typealias Reply = NoParameters
}
