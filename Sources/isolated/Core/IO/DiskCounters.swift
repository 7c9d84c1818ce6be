import CgroupKit
import Faults
import Glibc
import IOQoS
import Kernel

extension Fault.Code {
  /// A disk's counters in sysfs can't be understood.
  public static let unreadableDiskCounters: Self = "io.unreadable-counters"
}

/// A whole disk's counters, by a kept descriptor: one pread(2) for each reading.
///
/// Source: Documentation/block/stat.rst. Times are counted in milliseconds there, in 32 bits (block/genhd.c,
/// part_stat_show): with 128 operations in flight they wrap after nine hours, so their differences are added up here.
struct DiskCounters: ~Copyable {
  private let path: String
  private let descriptor: OwnedDescriptor
  private var milliseconds: PerDirection<UInt32>?
  private var latencySum: Int64 = 0

  /// Opens the `stat` file of a disk.
  ///
  /// - Throws: the system call's fault, ENOENT where there is no such disk (any more).
  init(_ number: DeviceNumber, sysfs: String) throws(Fault) {
    let path = "\(sysfs)/\(number)/stat"
    descriptor = OwnedDescriptor(
      owning: try systemCall("open", path: path, message: "cannot open the disk's counters") {
        open(path, O_RDONLY | O_CLOEXEC)
      })
    self.path = path
  }

  /// Reads the counters as they are now; latencies are summed from the first reading on.
  ///
  /// - Throws: the system call's fault, ENODEV once the disk is gone; `io.unreadable-counters`.
  mutating func read(at time: Int64) throws(Fault) -> DeviceReading {
    let number = descriptor.rawValue
    let path = path
    // A line has at most 17 numbers of at most 20 digits.
    let line = try withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 512) { buffer throws(Fault) in
      let count = try systemCall("pread", path: path, message: "cannot read the disk's counters") {
        pread(number, buffer.baseAddress, buffer.count, 0)
      }
      return Line(UnsafeBufferPointer(rebasing: buffer[..<min(count, buffer.count)]))
    }
    guard let line else {
      throw Fault(.unreadableDiskCounters, "the disk's counters are not nine numbers", path: path)
    }
    if let before = milliseconds {
      let added = Int64(line.milliseconds.read &- before.read) + Int64(line.milliseconds.write &- before.write)
      latencySum = latencySum &+ added * 1_000_000
    }
    milliseconds = line.milliseconds
    return DeviceReading(
      time: time, completed: line.completed, latencySum: latencySum, inFlight: Int(clamping: line.inFlight))
  }

  /// What a line says of reads, writes and what is in flight: its first nine numbers.
  struct Line: Equatable {
    var completed: PerDirection<IOCount>
    var milliseconds: PerDirection<UInt32>
    var inFlight: UInt64

    /// Nil where there are fewer numbers, or one is none or too large.
    init?(_ bytes: UnsafeBufferPointer<UInt8>) {
      var index = 0
      func next() -> UInt64? {
        while index < bytes.count, bytes[index] == UInt8(ascii: " ") { index += 1 }
        var value: UInt64 = 0
        let start = index
        while index < bytes.count, case let digit = bytes[index] &- UInt8(ascii: "0"), digit < 10 {
          let (product, tooLarge) = value.multipliedReportingOverflow(by: 10)
          let (sum, overflow) = product.addingReportingOverflow(UInt64(digit))
          guard !tooLarge, !overflow else { return nil }
          value = sum
          index += 1
        }
        let isEnd = index == bytes.count || bytes[index] == UInt8(ascii: " ") || bytes[index] == UInt8(ascii: "\n")
        return index > start && isEnd ? value : nil
      }
      func direction() -> (count: IOCount, milliseconds: UInt32)? {
        guard let operations = next(), next() != nil, let sectors = next(), let time = next() else { return nil }
        let (bytes, overflow) = sectors.multipliedReportingOverflow(by: 512)
        guard !overflow else { return nil }
        return (IOCount(operations: operations, bytes: bytes), UInt32(truncatingIfNeeded: time))
      }
      guard let read = direction(), let write = direction(), let inFlight = next() else { return nil }
      completed = PerDirection(read: read.count, write: write.count)
      milliseconds = PerDirection(read: read.milliseconds, write: write.milliseconds)
      self.inFlight = inFlight
    }
  }
}
