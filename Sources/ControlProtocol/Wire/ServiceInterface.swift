/// The interface `org.varlink.service`, which every varlink service has: https://varlink.org/Service.
public enum ServiceInterface {
  /// The interface's name.
  public static let name = "org.varlink.service"

  /// Tells who the service is.
  public enum GetInfo {
    /// The method's qualified name.
    public static let qualifiedName = "org.varlink.service.GetInfo"

    /// The service.
    public struct Reply: Codable, Sendable, Hashable {
      /// Who makes it.
      public var vendor: String
      /// What it is called.
      public var product: String
      /// Its version.
      public var version: String
      /// Where to read about it.
      public var url: String
      /// The interfaces that it has.
      public var interfaces: [String]

      /// Describes a service.
      public init(vendor: String, product: String, version: String, url: String, interfaces: [String]) {
        self.vendor = vendor
        self.product = product
        self.version = version
        self.url = url
        self.interfaces = interfaces
      }
    }
  }

  /// Describes one of the service's interfaces.
  public enum GetInterfaceDescription {
    /// The method's qualified name.
    public static let qualifiedName = "org.varlink.service.GetInterfaceDescription"

    /// Which interface.
    public struct Request: ControlRequest {
      /// The interface's name.
      public var interface: String

      /// Asks for an interface.
      public init(interface: String) { self.interface = interface }

      enum CodingKeys: String, CodingKey, CaseIterable { case interface }

      /// The names of all parameters.
      public static var memberNames: [String] { CodingKeys.allCases.map(\.rawValue) }
    }

    /// The interface's text.
    public struct Reply: Codable, Sendable, Hashable {
      /// The text in varlink's interface language.
      public var description: String

      /// Answers with a text.
      public init(description: String) { self.description = description }
    }
  }

  /// The interface in varlink's interface language.
  public static let description = """
    # What every varlink service can be asked
    interface org.varlink.service

    # Tell who the service is and which interfaces it has
    method GetInfo() -> (
      vendor: string,
      product: string,
      version: string,
      url: string,
      interfaces: []string
    )

    # Describe one of the service's interfaces
    method GetInterfaceDescription(interface: string) -> (description: string)

    # No such interface
    error InterfaceNotFound (interface: string)

    # No such method
    error MethodNotFound (method: string)

    # The interface has the method, the service doesn't
    error MethodNotImplemented (method: string)

    # A parameter is missing, unknown or of the wrong type
    error InvalidParameter (parameter: string)

    # The caller may not do this
    error PermissionDenied ()

    # The method answers more than once: the call must say "more"
    error ExpectedMore ()

    """
}
