import Faults

extension Cgroup {
  /// Countable resources of the machine, such as contexts for encrypted virtual machines.
  public var misc: MiscController { MiscController(group: self) }
}

/// The files of the misc controller.
public struct MiscController: Sendable {
  /// The group whose files they are.
  public let group: Cgroup

  /// misc.capacity: what the machine has. Only in the root group.
  public var capacity: StatFile<Table<MiscAmount>> { .init(group, "misc.capacity") }
  /// misc.max: the limits, one per resource.
  public var max: TableFile<MiscLimit> { .init(group, "misc.max") }
  /// misc.current: what is used.
  public var current: StatFile<Table<MiscAmount>> { .init(group, "misc.current") }
  /// misc.peak: the most that was ever used (Linux 6.12).
  public var peak: StatFile<Table<MiscAmount>> { .init(group, "misc.peak") }
  /// misc.events: how often a limit was hit, keyed `resource.max`.
  public var events: StatFile<Table<MiscAmount>> { .init(group, "misc.events") }
}

/// A line with a resource's name and an amount.
public struct MiscAmount: TableEntry {
  /// The resource, for example `sev`.
  public var resource: String
  /// How much of it.
  public var amount: UInt64

  /// Names an amount.
  public init(resource: String, amount: UInt64) {
    self.resource = resource
    self.amount = amount
  }

  /// Parses `sev 50`.
  public init(parsing bytes: UnsafeBufferPointer<UInt8>) throws(Fault) {
    let whole = ByteScanner(bytes)
    var line = whole
    guard let resource = line.word(), let amount = line.word()?.number, line.word() == nil else {
      throw whole.fault(expected: "a resource and a number")
    }
    self.init(resource: resource.text, amount: amount)
  }

  /// The resource.
  public var key: String { resource }

  /// The line as the kernel prints it.
  public var kernelText: String { "\(resource) \(amount)" }
}

/// A line of misc.max.
public struct MiscLimit: TableEntry {
  /// The resource, for example `sev`.
  public var resource: String
  /// How much of it the group may use.
  public var limit: Limit<Count>

  /// Limits a resource.
  public init(resource: String, limit: Limit<Count>) {
    self.resource = resource
    self.limit = limit
  }

  /// Parses `sev max`.
  public init(parsing bytes: UnsafeBufferPointer<UInt8>) throws(Fault) {
    let whole = ByteScanner(bytes)
    var line = whole
    guard let resource = line.word(), let limit = line.word(), line.word() == nil else {
      throw whole.fault(expected: "a resource and a limit")
    }
    self.init(resource: resource.text, limit: try Limit(parsing: limit.rest))
  }

  /// The resource.
  public var key: String { resource }

  /// The line as the kernel prints it.
  public var kernelText: String { "\(resource) \(limit)" }
}
