import Faults

/// The errors that every varlink service may answer with: those of the interface `org.varlink.service`.
public enum StandardError: Error, Sendable, Hashable {
  /// No such interface.
  case interfaceNotFound(String)
  /// No such method in a known interface.
  case methodNotFound(String)
  /// The method exists in the interface, but not here.
  case methodNotImplemented(String)
  /// A parameter is missing, unknown or of the wrong type.
  case invalidParameter(String)
  /// The caller may not do this.
  case permissionDenied
  /// The method answers more than once, so the call must say `more`.
  case expectedMore

  /// The error's name in an answer.
  public var qualifiedName: String {
    switch self {
    case .interfaceNotFound: "org.varlink.service.InterfaceNotFound"
    case .methodNotFound: "org.varlink.service.MethodNotFound"
    case .methodNotImplemented: "org.varlink.service.MethodNotImplemented"
    case .invalidParameter: "org.varlink.service.InvalidParameter"
    case .permissionDenied: "org.varlink.service.PermissionDenied"
    case .expectedMore: "org.varlink.service.ExpectedMore"
    }
  }

  /// The error's parameters in an answer.
  public var parameters: [String: String] {
    switch self {
    case .interfaceNotFound(let name): ["interface": name]
    case .methodNotFound(let name), .methodNotImplemented(let name): ["method": name]
    case .invalidParameter(let name): ["parameter": name]
    case .permissionDenied, .expectedMore: [:]
    }
  }

  /// Recognises an error by its name; nil for one of another interface.
  public init?(qualifiedName: String, parameters: [String: String]) {
    switch qualifiedName {
    case "org.varlink.service.InterfaceNotFound":
      self = .interfaceNotFound(parameters["interface"] ?? "")
    case "org.varlink.service.MethodNotFound": self = .methodNotFound(parameters["method"] ?? "")
    case "org.varlink.service.MethodNotImplemented":
      self = .methodNotImplemented(parameters["method"] ?? "")
    case "org.varlink.service.InvalidParameter": self = .invalidParameter(parameters["parameter"] ?? "")
    case "org.varlink.service.PermissionDenied": self = .permissionDenied
    case "org.varlink.service.ExpectedMore": self = .expectedMore
    default: return nil
    }
  }

  /// The same in this project's own form, for people.
  public var fault: Fault {
    let sameRelease = "use an isoctl and a daemon of the same release"
    switch self {
    case .interfaceNotFound(let name):
      return Fault(.standardError, "the service has no interface \(name)", mend: sameRelease)
    case .methodNotFound(let name), .methodNotImplemented(let name):
      return Fault(.standardError, "the service has no method \(name)", mend: sameRelease)
    case .invalidParameter(let name):
      return Fault(.invalidParameter, "the parameter \(name) is missing, unknown or of the wrong type")
    case .permissionDenied:
      return Fault(
        .permissionDenied, "the service refuses this to you", mend: "ask as root or as the tenant's owner")
    case .expectedMore:
      return Fault(.standardError, "the method answers more than once, and the call doesn't allow it")
    }
  }
}

extension Fault.Code {
  /// The service answered with an error of varlink itself.
  public static let standardError: Self = "control.varlink-error"
  /// A parameter is missing, unknown or of the wrong type.
  public static let invalidParameter: Self = "control.invalid-parameter"
  /// The caller may not do this.
  public static let permissionDenied: Self = "control.permission-denied"
}
