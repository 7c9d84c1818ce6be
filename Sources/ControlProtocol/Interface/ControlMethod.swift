/// One method of the interface `io.isolated`: its name and the types of its parameters.
public protocol ControlMethod: SendableMetatype {
  /// The call's parameters.
  associatedtype Request: ControlRequest
  /// The answer's parameters.
  associatedtype Reply: Codable & Sendable & Hashable
  /// The method's name within the interface, for example `Spawn`.
  static var name: String { get }
  /// Whether a call leaves everything as it is, so that it can be made again when nobody knows what became of it.
  static var changesNothing: Bool { get }
}

extension ControlMethod {
  /// False unless a method says otherwise.
  public static var changesNothing: Bool { false }
  /// The name that travels in a call: `io.isolated.Spawn`.
  public static var qualifiedName: String { "\(ControlInterface.name).\(name)" }
}

/// The parameters of a call.
///
/// A parameter that the receiver doesn't know is refused rather than skipped: a client that asks for something must
/// not believe that it got it.
public protocol ControlRequest: Codable, Sendable, Hashable {
  /// The names of all parameters.
  static var memberNames: [String] { get }
}

/// The parameters of a method that takes none, or of an answer that says no more than "done".
public struct NoParameters: ControlRequest {
  /// None.
  public static var memberNames: [String] { [] }

  /// The only value.
  public init() {}
}
