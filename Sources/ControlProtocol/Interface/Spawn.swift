/// Starts a tenant.
///
/// Detached: one answer once the command runs. In the foreground (`foreground` and the call's `more`): a first answer
/// once the command runs, and a last one with ``Reply/exit`` when it has ended; the tenant ends when the caller
/// hangs up before that.
public enum Spawn: ControlMethod {
  /// The name in the interface.
  public static let name = "Spawn"

  /// What to start.
  public struct Request: ControlRequest {
    /// The name of a policy that is installed on the host; exclusive with ``document``.
    public var policy: String?
    /// The text of a policy file.
    public var document: String?
    /// What messages call ``document``, usually its path.
    public var documentName: String?
    /// The tenant's name instead of the policy's.
    public var name: String?
    /// The command and its arguments instead of the policy's.
    public var command: [String]?
    /// Variables added to the policy's, or replacing them.
    public var environment: [String: String]?
    /// Which of the descriptors that came with the call become the standard streams.
    public var stdio: Stdio?
    /// Whether the tenant belongs to this call and ends with it.
    public var foreground: Bool
    /// A terminal instead of standard streams; see ``Attach``. What the command writes goes to the log while nobody is
    /// attached; in the foreground it waits a minute for the first.
    public var terminal: TerminalRequest?

    /// Asks for a tenant.
    public init(
      policy: String? = nil, document: String? = nil, documentName: String? = nil, name: String? = nil,
      command: [String]? = nil, environment: [String: String]? = nil, stdio: Stdio? = nil,
      foreground: Bool = false, terminal: TerminalRequest? = nil
    ) {
      self.policy = policy
      self.document = document
      self.documentName = documentName
      self.name = name
      self.command = command
      self.environment = environment
      self.stdio = stdio
      self.foreground = foreground
      self.terminal = terminal
    }

    enum CodingKeys: String, CodingKey, CaseIterable {
      case policy, document, documentName, name, command, environment, stdio, foreground, terminal
    }

    /// The names of all parameters.
    public static var memberNames: [String] { CodingKeys.allCases.map(\.rawValue) }

    /// Decodes; an absent `foreground` means false.
    public init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      policy = try container.decodeIfPresent(String.self, forKey: .policy)
      document = try container.decodeIfPresent(String.self, forKey: .document)
      documentName = try container.decodeIfPresent(String.self, forKey: .documentName)
      name = try container.decodeIfPresent(String.self, forKey: .name)
      command = try container.decodeIfPresent([String].self, forKey: .command)
      environment = try container.decodeIfPresent([String: String].self, forKey: .environment)
      stdio = try container.decodeIfPresent(StrictlyDecoded<Stdio>.self, forKey: .stdio)?.value
      foreground = try container.decodeIfPresent(Bool.self, forKey: .foreground) ?? false
      terminal = try container.decodeIfPresent(StrictlyDecoded<TerminalRequest>.self, forKey: .terminal)?.value
    }
  }

  /// What was started, and in the last answer of a foreground call how it ended.
  public struct Reply: Codable, Sendable, Hashable {
    /// The tenant's name.
    public var name: String
    /// The process id of the tenant's first process, the parent of its command, as the host counts.
    public var pid: Int
    /// What the policy asks for and this host doesn't enforce; empty unless the policy says `best-effort`.
    public var notEnforced: [String]
    /// How the command ended; only in the last answer of a foreground call.
    public var exit: Exit?

    /// Describes a started tenant.
    public init(name: String, pid: Int, notEnforced: [String], exit: Exit? = nil) {
      self.name = name
      self.pid = pid
      self.notEnforced = notEnforced
      self.exit = exit
    }
  }
}

/// Which of a call's descriptors become a tenant's standard streams: indexes, counted from 0.
public struct Stdio: ControlRequest {
  /// The index of standard input.
  public var stdin: Int
  /// The index of standard output.
  public var stdout: Int
  /// The index of standard error; may equal ``stdout``.
  public var stderr: Int

  /// Assigns descriptors to streams.
  public init(stdin: Int, stdout: Int, stderr: Int) {
    self.stdin = stdin
    self.stdout = stdout
    self.stderr = stderr
  }

  enum CodingKeys: String, CodingKey, CaseIterable { case stdin, stdout, stderr }

  /// The names of all parameters.
  public static var memberNames: [String] { CodingKeys.allCases.map(\.rawValue) }
}
