/// Runs a further command in a running tenant: in its namespaces, its group, under its filter and with its
/// capabilities.
///
/// Answers when the command runs, with a socket to the process that attends to it: see ``TenantSession``. The command
/// ends when the last copy of that socket is closed, and with the tenant; the daemon has no part in it any more.
public enum Exec: ControlMethod {
  /// The name in the interface.
  public static let name = "Exec"

  /// What to run, and where.
  public struct Request: ControlRequest {
    /// The tenant's name.
    public var name: String
    /// The program and its arguments; the program is searched in the tenant's PATH if it has no slash.
    public var command: [String]
    /// `USER` or `USER:GROUP` of the tenant's own /etc/passwd, or numbers; the tenant's user if absent. Root's to
    /// choose.
    public var user: String?
    /// Variables added to the tenant's, or replacing them.
    public var environment: [String: String]?
    /// The working directory, absolute in the tenant; the tenant's if absent.
    public var directory: String?
    /// Which of the descriptors that came with the call become the standard streams; /dev/null if absent.
    public var stdio: Stdio?
    /// A terminal instead of standard streams; its master side comes through the session.
    public var terminal: TerminalRequest?

    /// Asks for a command.
    public init(
      name: String, command: [String], user: String? = nil, environment: [String: String]? = nil,
      directory: String? = nil, stdio: Stdio? = nil, terminal: TerminalRequest? = nil
    ) {
      self.name = name
      self.command = command
      self.user = user
      self.environment = environment
      self.directory = directory
      self.stdio = stdio
      self.terminal = terminal
    }

    enum CodingKeys: String, CodingKey, CaseIterable {
      case name, command, user, environment, directory, stdio, terminal
    }

    /// The names of all parameters.
    public static var memberNames: [String] { CodingKeys.allCases.map(\.rawValue) }

    /// Decodes; unknown members of `stdio` and `terminal` are refused too.
    public init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      name = try container.decode(String.self, forKey: .name)
      command = try container.decode([String].self, forKey: .command)
      user = try container.decodeIfPresent(String.self, forKey: .user)
      environment = try container.decodeIfPresent([String: String].self, forKey: .environment)
      directory = try container.decodeIfPresent(String.self, forKey: .directory)
      stdio = try container.decodeIfPresent(StrictlyDecoded<Stdio>.self, forKey: .stdio)?.value
      terminal = try container.decodeIfPresent(StrictlyDecoded<TerminalRequest>.self, forKey: .terminal)?.value
    }
  }

  /// How to go on with it.
  public struct Reply: Codable, Sendable, Hashable {
    /// The index of the session's socket among the descriptors that came with the answer.
    public var session: Int

    /// Names the socket.
    public init(session: Int) { self.session = session }
  }
}
