/// A process that stands still at a system call, as far as one may look into it. What it answers is the process's own
/// doing, and may be anything.
public protocol ObservedProcess {
  /// As many of the bytes at an address as can be read.
  func bytes(at address: UInt64, count: Int) -> [UInt8]
  /// The text at an address up to its NUL; nil if it can't be read or has 4096 bytes or more.
  func text(at address: UInt64) -> [UInt8]?
  /// What a descriptor stands for, as in /proc/PID/fd.
  func descriptor(_ number: Int32) -> String?
  /// The working directory.
  func workingDirectory() -> String?
  /// The ids that it has, as they are counted inside its user namespace.
  func identities() -> ObservedIdentities
}

/// All user ids and group ids of a process: real, effective, saved, for files; the supplementary groups too.
public struct ObservedIdentities: Sendable, Equatable {
  /// User ids.
  public var users: Set<UInt32>
  /// Group ids.
  public var groups: Set<UInt32>

  /// Names ids.
  public init(users: Set<UInt32> = [], groups: Set<UInt32> = []) {
    self.users = users
    self.groups = groups
  }
}
