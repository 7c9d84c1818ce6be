/// Sends a signal to a tenant's command.
public enum Kill: ControlMethod {
  /// The name in the interface.
  public static let name = "Kill"
  /// Nothing.
  public typealias Reply = NoParameters

  /// Whom to send what.
  public struct Request: ControlRequest {
    /// The tenant's name.
    public var name: String
    /// The signal's number, 1 to 64.
    public var signal: Int

    /// Asks for a signal.
    public init(name: String, signal: Int) {
      self.name = name
      self.signal = signal
    }

    enum CodingKeys: String, CodingKey, CaseIterable { case name, signal }

    /// The names of all parameters.
    public static var memberNames: [String] { CodingKeys.allCases.map(\.rawValue) }
  }
}

/// Ends a tenant: the policy's stop signal, then, after a grace, everything in its group is killed. Answers when it has
/// ended.
public enum Stop: ControlMethod {
  /// The name in the interface.
  public static let name = "Stop"
  /// How it ended.
  public typealias Reply = Wait.Reply

  /// Whom to end, and how patiently.
  public struct Request: ControlRequest {
    /// The tenant's name.
    public var name: String
    /// How long to wait between the signal and the kill, in microseconds; the policy's grace if absent.
    public var graceUsec: Int?

    /// Asks for an end.
    public init(name: String, graceUsec: Int? = nil) {
      self.name = name
      self.graceUsec = graceUsec
    }

    enum CodingKeys: String, CodingKey, CaseIterable { case name, graceUsec }

    /// The names of all parameters.
    public static var memberNames: [String] { CodingKeys.allCases.map(\.rawValue) }
  }
}

/// Drops the record of a tenant that has ended.
public enum Forget: ControlMethod {
  /// The name in the interface.
  public static let name = "Forget"
  /// The tenant.
  public typealias Request = TenantName
  /// Nothing.
  public typealias Reply = NoParameters
}
