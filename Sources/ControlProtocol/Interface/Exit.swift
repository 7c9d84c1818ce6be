/// How a tenant ended.
public struct Exit: Codable, Sendable, Hashable {
  /// Why a tenant ended: an open list of words, so that a newer daemon can add one.
  public struct Cause: RawRepresentable, Hashable, Sendable, Codable {
    /// The word on the wire.
    public let rawValue: String

    /// Wraps a word.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// The command returned; ``Exit/status`` says what.
    public static let exited = Self(rawValue: "exited")
    /// A signal ended the command; ``Exit/signal`` says which.
    public static let signaled = Self(rawValue: "signaled")
    /// The kernel ran out of the memory that the tenant may have.
    public static let outOfMemory = Self(rawValue: "oom-killed")
    /// The daemon killed the tenant's group: `Stop` after its grace, or the end of a foreground call.
    public static let killed = Self(rawValue: "killed")
    /// It hasn't ended: its client of a foreground call has left it to itself. Nobody hears it.
    public static let detached = Self(rawValue: "detached")
    /// The tenant's init died without leaving a status.
    public static let initLost = Self(rawValue: "init-lost")
    /// It was to be started again, and the last of these starts failed.
    public static let startFailed = Self(rawValue: "start-failed")
  }

  /// The status that the command returned, 0 to 255.
  public var status: Int?
  /// The number of the signal that ended the command.
  public var signal: Int?
  /// Why it ended.
  public var cause: Cause
  /// How long it ran, in microseconds.
  public var durationUsec: Int

  /// Describes an end.
  public init(status: Int? = nil, signal: Int? = nil, cause: Cause, durationUsec: Int) {
    self.status = status
    self.signal = signal
    self.cause = cause
    self.durationUsec = durationUsec
  }

  /// The status that a shell would report: the command's own, or 128 and the signal's number.
  ///
  /// An end with neither (init lost, or a group killed before the command's status was known) counts as SIGKILL.
  public var shellStatus: Int32 {
    if let status { return Int32(clamping: min(max(status, 0), 255)) }
    return 128 + Int32(clamping: min(max(signal ?? 9, 0), 127))
  }
}
