/// What a program did to the path of a file, as far as its grant depends on it.
public struct FileUse: OptionSet, Sendable, Hashable {
  /// The bits.
  public let rawValue: UInt8
  /// Wraps bits.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Asked about it: stat(2), access(2), readlink(2).
  public static let look = FileUse(rawValue: 1)
  /// Read it.
  public static let read = FileUse(rawValue: 2)
  /// Listed what is in it.
  public static let list = FileUse(rawValue: 4)
  /// Executed it.
  public static let execute = FileUse(rawValue: 8)
  /// Made it the working directory.
  public static let enter = FileUse(rawValue: 16)
  /// Wrote it, or changed its attributes.
  public static let write = FileUse(rawValue: 32)
  /// Made it, removed it, or gave it another name: the directory that it lies in changed.
  public static let change = FileUse(rawValue: 64)
  /// Connected to the socket there.
  public static let connect = FileUse(rawValue: 128)

  /// Those for which a file must be there to be read.
  public static let needsContent: FileUse = [.read, .list, .execute, .connect]
}

/// A system call that a program made.
public struct CallUse: Sendable, Hashable {
  /// How often.
  public var count = 0
  /// How often the filter of the run refused it.
  public var refused = 0
}

/// An address of the network that a program bound or connected to.
public struct NetworkEndpoint: Sendable, Hashable, Comparable {
  /// `tcp`, `udp`, or the number of another kind of socket.
  public var transport: String
  /// The address in its usual notation.
  public var address: String
  /// The port.
  public var port: UInt16
  /// Whether the address is the machine's own loopback.
  public var isLoopback: Bool

  /// Orders for people.
  public static func < (left: Self, right: Self) -> Bool {
    (left.transport, left.port, left.address) < (right.transport, right.port, right.address)
  }
}

/// All that a run of a program showed of what it needs, as a plain value.
///
/// Paths are absolute, normalised and as the program named them: symbolic links are not resolved.
public struct ProgramUse: Sendable, Equatable {
  /// The most different paths that are kept.
  public static let mostPaths = 16_384

  /// The system calls by name.
  public var calls: [String: CallUse] = [:]
  /// Numbers of calls that have no name here.
  public var namelessCalls: Set<UInt64> = []
  /// What was done to which path.
  public var files: [String: FileUse] = [:]
  /// Directories that the program made itself.
  public var madeDirectories: Set<String> = []
  /// Paths that it was refused, with the name of the error.
  public var refusedPaths: [String: String] = [:]
  /// Paths that it wanted to open and that weren't there, beneath /dev.
  public var missingDevices: Set<String> = []
  /// Paths that no policy could name: not UTF-8, or too long.
  public var unnameablePaths = 0
  /// How many paths weren't kept, beyond ``mostPaths``.
  public var forgottenPaths = 0
  /// What it bound and listens on; for UDP, bound.
  public var listens: Set<NetworkEndpoint> = []
  /// What it tried to connect to.
  public var connects: Set<NetworkEndpoint> = []
  /// UNIX sockets that it bound, by path.
  public var boundSockets: Set<String> = []
  /// UNIX sockets in the abstract name space that it bound or connected to.
  public var abstractSockets: Set<String> = []
  /// Capabilities that it was seen to use.
  public var usedCapabilities: Set<String> = []
  /// What it was refused, and the capability that might have mended it.
  public var refusals: Set<Refusal> = []
  /// The most memory that its group held at once, in bytes; nil if it isn't known.
  public var peakMemory: UInt64?
  /// The most processes and threads at once.
  public var peakTasks = 0

  /// A refused call, and what would allow it.
  public struct Refusal: Sendable, Hashable, Comparable {
    /// The call, with what of its arguments matters.
    public var call: String
    /// The error's name.
    public var error: String
    /// What would allow it.
    public var mend: String

    /// Orders for people.
    public static func < (left: Self, right: Self) -> Bool {
      (left.call, left.error, left.mend) < (right.call, right.error, right.mend)
    }
  }

  /// Nothing.
  public init() {}

  /// Whether the run's filter refused a call each time.
  public func wasAlwaysRefused(_ name: String) -> Bool {
    guard let call = calls[name] else { return false }
    return call.refused == call.count
  }

  mutating func record(_ path: String, _ use: FileUse) {
    if let known = files[path] {
      files[path] = known.union(use)
    } else if files.count < Self.mostPaths {
      files[path] = use
    } else {
      forgottenPaths += 1
    }
  }
}
