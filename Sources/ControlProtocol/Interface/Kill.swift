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
/// ended. Those that come after it are ended first.
public enum Stop: ControlMethod {
  /// The name in the interface.
  public static let name = "Stop"

  /// Whom to end, and how patiently.
  public struct Request: ControlRequest {
    /// The tenant's name.
    public var name: String
    /// How long to wait between the signal and the kill, in microseconds; the policy's grace if absent.
    public var graceUsec: Int?
    /// Whether those that come after it run on; false if absent.
    public var only: Bool?

    /// Asks for an end.
    public init(name: String, graceUsec: Int? = nil, only: Bool? = nil) {
      self.name = name
      self.graceUsec = graceUsec
      self.only = only
    }

    enum CodingKeys: String, CodingKey, CaseIterable { case name, graceUsec, only }

    /// The names of all parameters.
    public static var memberNames: [String] { CodingKeys.allCases.map(\.rawValue) }
  }

  /// A tenant that was ended since it comes after the one that was asked for.
  public struct Dependant: Codable, Sendable, Hashable {
    /// Its name.
    public var name: String
    /// How it ended.
    public var exit: Exit

    /// Reports an end.
    public init(name: String, exit: Exit) {
      self.name = name
      self.exit = exit
    }
  }

  /// How all of them ended.
  public struct Reply: Codable, Sendable, Hashable {
    /// How the tenant ended.
    public var exit: Exit
    /// Those that were ended before it, in that order; absent where there were none.
    public var dependants: [Dependant]?

    /// Reports ends.
    public init(exit: Exit, dependants: [Dependant]? = nil) {
      self.exit = exit
      self.dependants = dependants
    }
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
