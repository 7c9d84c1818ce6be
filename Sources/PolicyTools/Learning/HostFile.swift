/// What a path of the host is, as stat(2) tells, links followed.
public struct HostFile: Sendable, Equatable {
  /// What kind of file.
  public enum Kind: Sendable, Equatable {
    case directory, file, socket, device, other
  }
  /// What kind of file.
  public var kind: Kind
  /// The permission bits.
  public var mode: UInt32
  /// The owner's id.
  public var user: UInt32

  /// Describes a file.
  public init(kind: Kind, mode: UInt32, user: UInt32) {
    self.kind = kind
    self.mode = mode
    self.user = user
  }

  /// Whether everybody may read it; for a directory, list and enter it too; for a socket, write to it.
  var isPublic: Bool {
    switch kind {
    case .directory: mode & 0o005 == 0o005
    case .socket: mode & 0o002 != 0
    case .file, .device, .other: mode & 0o004 != 0
    }
  }
}

/// Looks up a path on the host; nil for what isn't there.
public typealias HostLookup = @Sendable (String) -> HostFile?
