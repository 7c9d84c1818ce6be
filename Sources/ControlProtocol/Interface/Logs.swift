/// Tells where a tenant's output is, and opens it where it is a file.
public enum Logs: ControlMethod {
  /// The name in the interface.
  public static let name = "Logs"
  /// It only looks.
  public static let changesNothing = true
  /// The tenant.
  public typealias Request = TenantName

  /// Where the output is.
  public struct Reply: Codable, Sendable, Hashable {
    /// Where output goes: an open list of words.
    public struct Source: RawRepresentable, Hashable, Sendable, Codable {
      /// The word on the wire.
      public let rawValue: String

      /// Wraps a word.
      public init(rawValue: String) { self.rawValue = rawValue }

      /// To journald, under ``Reply/identifier``.
      public static let journal = Self(rawValue: "journal")
      /// To a rotated file: ``Reply/path``, and open for reading at ``Reply/file``.
      public static let file = Self(rawValue: "file")
      /// To the streams of whoever spawned it in the foreground: there is nothing to read back.
      public static let stdio = Self(rawValue: "stdio")
    }

    /// Where it goes.
    public var source: Source
    /// The journal's SYSLOG_IDENTIFIER.
    public var identifier: String
    /// The user id under which the journal has it, the first of the tenant's range: journald takes it from the
    /// kernel, so that nobody else's lines can pass for the tenant's.
    public var user: Int?
    /// The file's path on the host.
    public var path: String?
    /// The index of the file among the descriptors that came with the answer.
    public var file: Int?

    /// Describes where the output is.
    public init(
      source: Source, identifier: String, user: Int? = nil, path: String? = nil, file: Int? = nil
    ) {
      self.source = source
      self.identifier = identifier
      self.user = user
      self.path = path
      self.file = file
    }
  }
}
