import CIOLatency

/// A kind of IO.
public enum IOOperation: UInt8, Sendable, Hashable, CaseIterable {
  /// Reads, read-ahead among them.
  case read
  /// Writes that somebody waits for: direct, by fsync(2), by a journal's commit (`REQ_SYNC`).
  case syncWrite
  /// Other writes: the write-back of the page cache.
  case write
  /// Discards and secure erasures.
  case discard
  /// Flushes of the disk's cache that carry no data.
  case flush
}

/// A part of the time that an IO takes.
public enum IOPhase: UInt8, Sendable, Hashable, CaseIterable {
  /// From the submission of the bio to its end: the sum of the others.
  case total
  /// Waiting for the tenant's own limit: io.max and io.cost.
  case held
  /// Waiting for a request, in the scheduler, for the driver to take it.
  case queue
  /// From the last hand-over to the driver to the end. For what never becomes a request (an IO to a stacked device, a
  /// flush without data) all but the hold.
  case device
}

/// A whole disk, by the numbers that `/sys/dev/block` and io.stat have.
public struct DiskNumber: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// The driver.
  public var major: UInt32
  /// The disk among the driver's.
  public var minor: UInt32

  /// Names a disk.
  public init(major: UInt32, minor: UInt32) {
    self.major = major
    self.minor = minor
  }

  /// Takes a number apart as the kernel packs it inside: 12 bits of major, 20 of minor.
  init(packed number: UInt32) { self.init(major: number >> 20, minor: number & 0xfffff) }

  /// `major:minor`.
  public var description: String { "\(major):\(minor)" }

  /// Orders by major, then minor number.
  public static func < (left: DiskNumber, right: DiskNumber) -> Bool {
    (left.major, left.minor) < (right.major, right.minor)
  }
}

/// Whose IO it is, where, and of what kind.
public struct IOLatencyKey: Sendable, Hashable {
  /// The group that the IO is charged to, by its id: the inode number of its directory (`st_ino`), on cgroup v2.
  public var cgroup: UInt64
  /// The disk that the IO was submitted to; partitions count as their disk.
  public var disk: DiskNumber
  /// The kind of IO.
  public var operation: IOOperation

  /// Names what is counted together.
  public init(cgroup: UInt64, disk: DiskNumber, operation: IOOperation) {
    self.cgroup = cgroup
    self.disk = disk
    self.operation = operation
  }

  /// `nil` for an operation that this reader doesn't know.
  init?(_ key: ciolatency_key) {
    guard let operation = IOOperation(rawValue: key.operation) else { return nil }
    self.init(cgroup: key.cgroup, disk: DiskNumber(packed: key.device), operation: operation)
  }
}
