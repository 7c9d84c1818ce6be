import Faults

extension Fault.Code {
  /// A `/proc/PID/status` lacks a line or has one that isn't in the kernel's form.
  public static let malformedProcessStatus: Self = "process.malformed-status"
}

/// What `/proc/PID/status` says of a process's privileges; see proc_pid_status(5).
public struct ProcessStatus: Hashable, Sendable {
  /// One identity in its four kinds.
  public struct Identities: Hashable, Sendable {
    /// Who started the process.
    public var real: UInt32
    /// Who it acts as.
    public var effective: UInt32
    /// Who it may become again.
    public var saved: UInt32
    /// Who it is to filesystems.
    public var filesystem: UInt32
  }

  /// User ids, as the reader's user namespace sees them.
  public var users: Identities
  /// Group ids, as the reader's user namespace sees them.
  public var groups: Identities
  /// Supplementary groups.
  public var supplementaryGroups: [UInt32]
  /// The five capability sets.
  public var capabilities: CapabilitySets
  /// Whether execve can no longer raise privileges.
  public var noNewPrivileges: Bool
  /// 0 without seccomp, 1 strict, 2 filter.
  public var seccompMode: UInt32
  /// How many filters are attached; nil where the kernel doesn't say (before Linux 5.9).
  public var seccompFilters: UInt32?

  /// Reads the text of a status file. Unknown lines are passed over; a line that is needed must be whole.
  ///
  /// - Throws: ``Faults/Fault`` `process.malformed-status` naming the line.
  public init(parsing bytes: [UInt8]) throws(Fault) {
    var values: [String: ArraySlice<UInt8>] = [:]
    for line in bytes.prefix(Self.limit).split(separator: 0x0A) {
      guard let colon = line.firstIndex(of: 0x3A) else { continue }
      let key = String(decoding: line[line.startIndex..<colon], as: UTF8.self)
      // The kernel escapes newlines in Name, so the first line of a key is the kernel's own.
      if values[key] == nil { values[key] = line[line.index(after: colon)...] }
    }
    users = try Self.identities("Uid", values)
    groups = try Self.identities("Gid", values)
    supplementaryGroups = try Self.words("Groups", values).map { word throws(Fault) in
      try Self.number("Groups", word)
    }
    capabilities = CapabilitySets(
      bounding: try Self.mask("CapBnd", values), permitted: try Self.mask("CapPrm", values),
      effective: try Self.mask("CapEff", values), inheritable: try Self.mask("CapInh", values),
      ambient: try Self.mask("CapAmb", values))
    noNewPrivileges = try Self.single("NoNewPrivs", values) != 0
    seccompMode = try Self.single("Seccomp", values)
    seccompFilters = values["Seccomp_filters"] == nil ? nil : try Self.single("Seccomp_filters", values)
  }

  /// A status file with 65,536 supplementary groups stays below this.
  private static let limit = 1 << 20

  private static func words(
    _ key: String, _ values: [String: ArraySlice<UInt8>]
  ) throws(Fault) -> [ArraySlice<UInt8>] {
    guard let line = values[key] else { throw malformed(key) }
    return line.split { $0 == 0x20 || $0 == 0x09 }
  }

  private static func number(_ key: String, _ word: ArraySlice<UInt8>) throws(Fault) -> UInt32 {
    guard let number = StrictNumber.decimal(word, upTo: UInt32.max) else { throw malformed(key) }
    return number
  }

  private static func single(_ key: String, _ values: [String: ArraySlice<UInt8>]) throws(Fault) -> UInt32 {
    let words = try words(key, values)
    guard words.count == 1 else { throw malformed(key) }
    return try number(key, words[0])
  }

  private static func identities(
    _ key: String, _ values: [String: ArraySlice<UInt8>]
  ) throws(Fault) -> Identities {
    let words = try words(key, values)
    guard words.count == 4 else { throw malformed(key) }
    return Identities(
      real: try number(key, words[0]), effective: try number(key, words[1]), saved: try number(key, words[2]),
      filesystem: try number(key, words[3]))
  }

  private static func mask(_ key: String, _ values: [String: ArraySlice<UInt8>]) throws(Fault) -> UInt64 {
    let words = try words(key, values)
    guard words.count == 1, let mask = StrictNumber.hexadecimal(words[0]) else { throw malformed(key) }
    return mask
  }

  private static func malformed(_ key: String) -> Fault {
    Fault(.malformedProcessStatus, "the process's status has no usable \(key) line")
  }
}
