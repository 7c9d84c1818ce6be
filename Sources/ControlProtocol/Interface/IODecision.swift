/// Something that the IO scheduler decided about a tenant, and why.
public struct IODecision: Codable, Sendable, Hashable {
  /// When, in microseconds since 1970.
  public var timeUsec: Int
  /// The disk's name in /sys/block.
  public var disk: String
  /// What and why, in one sentence.
  public var text: String

  /// Describes a decision.
  public init(timeUsec: Int, disk: String, text: String) {
    self.timeUsec = timeUsec
    self.disk = disk
    self.text = text
  }
}
