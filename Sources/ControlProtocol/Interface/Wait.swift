/// Answers when a tenant has ended, at once if it already has.
public enum Wait: ControlMethod {
  /// The name in the interface.
  public static let name = "Wait"
  /// It only looks.
  public static let changesNothing = true
  /// The tenant.
  public typealias Request = TenantName

  /// The tenant's end.
  public struct Reply: Codable, Sendable, Hashable {
    /// How it ended.
    public var exit: Exit

    /// Reports an end.
    public init(exit: Exit) { self.exit = exit }
  }
}

/// The parameters of a method that needs a tenant's name and no more.
public struct TenantName: ControlRequest {
  /// The tenant's name.
  public var name: String

  /// Names a tenant.
  public init(name: String) { self.name = name }

  enum CodingKeys: String, CodingKey, CaseIterable { case name }

  /// The names of all parameters.
  public static var memberNames: [String] { CodingKeys.allCases.map(\.rawValue) }
}
