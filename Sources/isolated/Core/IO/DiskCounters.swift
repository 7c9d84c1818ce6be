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
/// Source: Documentation/block/stat.rst. Times are counted in milliseconds there.
struct DiskCounters: ~Copyable {
  private let path: String
  private let descriptor: OwnedDescriptor

  /// Opens the `stat` file of a disk.
  ///
  /// - Throws: the system call's fault, ENOENT where there is no such disk (any more).
  init(_ number: DeviceNumber, sysfs: String = "/sys/dev/block") throws(Fault) {
    let path = "\(sysfs)/\(number)/stat"
    descriptor = OwnedDescriptor(
      owning: try systemCall("open", path: path, message: "cannot open the disk's counters") {
        open(path, O_RDONLY | O_CLOEXEC)
      })
    self.path = path
  }

  /// Reads the counters as they are now.
  ///
  /// - Throws: the system call's fault, ENODEV once the disk is gone; `io.unreadable-counters`.
  func read(at time: Int64) throws(Fault) -> DeviceReading {
    let number = descriptor.rawValue
    let path = path
    // A line has at most 17 numbers of at most 20 digits.
    let values = try withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 512) { buffer throws(Fault) in
      let count = try systemCall("pread", path: path, message: "cannot read the disk's counters") {
        pread(number, buffer.baseAddress, buffer.count, 0)
      }
      return Self.numbers(UnsafeBufferPointer(rebasing: buffer[..<min(count, buffer.count)]))
    }
    guard let values else {
      throw Fault(.unreadableDiskCounters, "the disk's counters are not eleven numbers", path: path)
    }
    let ticks = values[3].addingReportingOverflow(values[7]).partialValue
    return DeviceReading(
      time: time,
      completed: PerDirection(
        read: IOCount(operations: values[0], bytes: values[2] &* 512),
        write: IOCount(operations: values[4], bytes: values[6] &* 512)),
      latencySum: Int64(clamping: ticks &* 1_000_000), inFlight: Int(clamping: values[8]))
  }

  /// The first eleven numbers of a line; nil where there are fewer, or one is none.
  static func numbers(_ line: UnsafeBufferPointer<UInt8>) -> [UInt64]? {
    var values: [UInt64] = []
    values.reserveCapacity(11)
    var index = 0
    while values.count < 11 {
      while index < line.count, line[index] == UInt8(ascii: " ") { index += 1 }
      var value: UInt64 = 0
      let start = index
      while index < line.count, case let digit = line[index] &- UInt8(ascii: "0"), digit < 10 {
        let (product, tooLarge) = value.multipliedReportingOverflow(by: 10)
        let (sum, overflow) = product.addingReportingOverflow(UInt64(digit))
        guard !tooLarge, !overflow else { return nil }
        value = sum
        index += 1
      }
      guard index > start else { return nil }
      values.append(value)
    }
    return values
  }
}
