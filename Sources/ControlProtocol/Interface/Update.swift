/// Changes the limits, shares and promises of a tenant while it runs: all of what is asked, or nothing.
public enum Update: ControlMethod {
  /// The name in the interface.
  public static let name = "Update"

  /// What to change.
  public struct Request: ControlRequest {
    /// The tenant's name.
    public var name: String
    /// The text of a policy file that takes the place of the tenant's; what differs must be changeable.
    public var document: String?
    /// What messages call ``document``, usually its path.
    public var documentName: String?
    /// Single values in place of what the policy says.
    public var settings: [Setting]?
    /// Whether only to tell what would change.
    public var dryRun: Bool

    /// Asks for a change.
    public init(
      name: String, document: String? = nil, documentName: String? = nil, settings: [Setting]? = nil,
      dryRun: Bool = false
    ) {
      self.name = name
      self.document = document
      self.documentName = documentName
      self.settings = settings
      self.dryRun = dryRun
    }

    enum CodingKeys: String, CodingKey, CaseIterable { case name, document, documentName, settings, dryRun }

    /// The names of all parameters.
    public static var memberNames: [String] { CodingKeys.allCases.map(\.rawValue) }

    /// Decodes; an absent `dryRun` means false.
    public init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      name = try container.decode(String.self, forKey: .name)
      document = try container.decodeIfPresent(String.self, forKey: .document)
      documentName = try container.decodeIfPresent(String.self, forKey: .documentName)
      settings = try container.decodeIfPresent([StrictlyDecoded<Setting>].self, forKey: .settings)?.map(\.value)
      dryRun = try container.decodeIfPresent(Bool.self, forKey: .dryRun) ?? false
    }
  }

  /// One value of a policy.
  public struct Setting: ControlRequest {
    /// The path of keys in a policy: `memory.max`, and within an entry of `io`, `io.weight`.
    public var key: String
    /// The entry of `io` that is meant, by its `device`.
    public var device: String?
    /// The value as a policy has it; absent, the key is taken away, and with `io` as the key the whole entry.
    public var value: String?
    /// What messages call the place, `--memory-max` for example.
    public var origin: String?

    /// Gives a value.
    public init(key: String, device: String? = nil, value: String? = nil, origin: String? = nil) {
      self.key = key
      self.device = device
      self.value = value
      self.origin = origin
    }

    enum CodingKeys: String, CodingKey, CaseIterable { case key, device, value, origin }

    /// The names of all parameters.
    public static var memberNames: [String] { CodingKeys.allCases.map(\.rawValue) }
  }

  /// What has changed, or would.
  public struct Reply: Codable, Sendable, Hashable {
    /// The changes, in the order in which they are made; none where all was so already.
    public var changes: [Change]
    /// What follows from them that may not be meant, in sentences.
    public var warnings: [String]

    /// Reports changes.
    public init(changes: [Change], warnings: [String]) {
      self.changes = changes
      self.warnings = warnings
    }
  }

  /// One thing that changes.
  public struct Change: Codable, Sendable, Hashable {
    /// A cgroup file, `io` for what was promised of a disk, or a key of the policy.
    public var what: String
    /// What was asked before; absent where nothing was.
    public var before: String?
    /// What is asked now; absent where nothing is.
    public var after: String?

    /// Describes a change.
    public init(what: String, before: String?, after: String?) {
      self.what = what
      self.before = before
      self.after = after
    }
  }
}
