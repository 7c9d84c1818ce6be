/// Tells which daemon answers and what it stands on.
public enum Version: ControlMethod {
  /// The name in the interface.
  public static let name = "Version"
  /// It only looks.
  public static let changesNothing = true
  /// Nothing.
  public typealias Request = NoParameters

  /// The daemon and its host.
  public struct Reply: Codable, Sendable, Hashable {
    /// The daemon's version.
    public var version: String
    /// The kernel's release, as uname(2) says.
    public var kernel: String
    /// The architecture, as uname(2) says.
    public var machine: String
    /// The cgroup v2 controllers that tenants can have.
    public var controllers: [String]

    /// Describes a daemon.
    public init(version: String, kernel: String, machine: String, controllers: [String]) {
      self.version = version
      self.kernel = kernel
      self.machine = machine
      self.controllers = controllers
    }
  }
}
