/// The one error of this project: what failed, where, and how to mend it.
///
/// Every room throws it, the control protocol carries it, and `isoctl` prints it. It is a struct with a stable
/// ``code`` rather than an enumeration, so that a new kind of failure breaks nobody's `switch`.
public struct Fault: Error, Sendable, Hashable, Codable {
  /// A stable, machine-readable name for the kind of failure, in dotted lower case: `cgroup.unknown-key`.
  ///
  /// Rooms declare their own codes as static members in an extension; a code once released keeps its meaning.
  public struct Code: RawRepresentable, Hashable, Sendable, Codable, ExpressibleByStringLiteral {
    /// The name as it appears on the wire.
    public let rawValue: String

    /// Wraps a name.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Wraps a name written as a literal.
    public init(stringLiteral value: String) { self.rawValue = value }
  }

  /// A place in a text that a person wrote, counted from 1.
  public struct Position: Sendable, Hashable, Codable {
    /// The file's name as the user gave it.
    public var file: String
    /// The line, counted from 1.
    public var line: Int
    /// The column in characters, counted from 1.
    public var column: Int

    /// Names a place.
    public init(file: String, line: Int, column: Int) {
      self.file = file
      self.line = line
      self.column = column
    }
  }

  /// The kind of failure.
  public var code: Code
  /// What failed, as one sentence without a full stop: `cannot create the group`.
  public var message: String
  /// The system call that failed, where one did: `openat2`.
  public var systemCall: String?
  /// The file, device or socket concerned.
  public var path: String?
  /// The error number that the kernel gave.
  public var errno: ErrorNumber?
  /// Where in a user's text the cause stands.
  public var position: Position?
  /// What the reader can do about it, as one sentence.
  public var mend: String?
  /// What else is wrong with the same text, where one reading found several things.
  public var others: [Fault] = []

  /// Describes a failure.
  public init(
    _ code: Code, _ message: String, systemCall: String? = nil, path: String? = nil,
    errno: ErrorNumber? = nil, position: Position? = nil, mend: String? = nil
  ) {
    self.code = code
    self.message = message
    self.systemCall = systemCall
    self.path = path
    self.errno = errno
    self.position = position
    self.mend = mend
  }

  /// Makes one of several: the first, which carries the others; nil where there are none.
  ///
  /// - Parameter mostOthers: how many of the others are kept.
  public init?(joining faults: some Sequence<Fault>, mostOthers: Int = .max) {
    var rest = faults.makeIterator()
    guard let first = rest.next() else { return nil }
    self = first
    others = []
    while others.count < mostOthers, let other = rest.next() { others.append(other) }
  }
}

extension Fault: CustomStringConvertible {
  /// One line for people: `file:line:col: what: call path: ERRNO (sentence); mend`.
  public var description: String {
    var text = ""
    if let position { text += "\(position.file):\(position.line):\(position.column): " }
    text += message
    let cause = [systemCall, path].compactMap { $0 }.joined(separator: " ")
    if !cause.isEmpty { text += ": \(cause)" }
    if let errno { text += ": \(errno)" }
    if let mend { text += "; \(mend)" }
    return text
  }
}

extension Fault.Code {
  /// A system call failed in a way that no more specific code describes.
  public static let systemCallFailed: Self = "system.call-failed"
  /// A defect of this program: a state that its own code should have made impossible.
  public static let internalError: Self = "internal.error"
}
