import CgroupKit
import Faults
import Glibc
import IOQoS
import Kernel

extension Fault.Code {
  /// A disk's counters in sysfs can't be understood.
  public static let unreadableDiskCounters: Self = "io.unreadable-counters"
}

/// A whole disk's counters, by kept descriptors: two pread(2) for each reading.
///
/// What is in flight comes from `inflight`: of IO on a partition the whole disk's `stat` says 0 on Linux 6.12.
/// Source: Documentation/block/stat.rst. Times are counted in milliseconds there, in 32 bits (block/genhd.c,
/// part_stat_show): with 128 operations in flight they wrap after nine hours, so their differences are added up here.
struct DiskCounters: ~Copyable {
  private let counters: KeptFile
  private let inFlight: KeptFile
  private var milliseconds: PerDirection<UInt32>?
  private var latencySum: Int64 = 0

  /// A file that is read again and again.
  private struct KeptFile {
    let path: String
    let descriptor: SharedDescriptor

    init(_ path: String) throws(Fault) {
      descriptor = SharedDescriptor(
        owning: try systemCall("open", path: path, message: "cannot open the disk's counters") {
          open(path, O_RDONLY | O_CLOEXEC)
        })
      self.path = path
    }

    /// Lends the file's bytes. A line has at most 17 numbers of at most 20 digits.
    func read<Value>(_ parse: (UnsafeBufferPointer<UInt8>) -> Value?) throws(Fault) -> Value {
      let (number, path) = (descriptor.rawValue, path)
      let value = try withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 512) { buffer throws(Fault) in
        let count = try systemCall("pread", path: path, message: "cannot read the disk's counters") {
          pread(number, buffer.baseAddress, buffer.count, 0)
        }
        return parse(UnsafeBufferPointer(rebasing: buffer[..<min(count, buffer.count)]))
      }
      guard let value else {
        throw Fault(.unreadableDiskCounters, "the disk's counters are not the numbers that they should be", path: path)
      }
      return value
    }
  }

  /// Opens the files of a disk.
  ///
  /// - Throws: the system call's fault, ENOENT where there is no such disk (any more).
  init(_ number: DeviceNumber, sysfs: String) throws(Fault) {
    let counters = try KeptFile("\(sysfs)/\(number)/stat")
    let inFlight = try KeptFile("\(sysfs)/\(number)/inflight")
    (self.counters, self.inFlight) = (counters, inFlight)
  }

  /// Reads the counters as they are now; latencies are summed from the first reading on.
  ///
  /// - Throws: the system call's fault, ENODEV once the disk is gone; `io.unreadable-counters`.
  mutating func read(at time: Int64) throws(Fault) -> DeviceReading {
    let line = try counters.read { Line($0) }
    let waiting = try inFlight.read { Line.sum(ofTwo: $0) }
    if let before = milliseconds {
      let added = Int64(line.milliseconds.read &- before.read) + Int64(line.milliseconds.write &- before.write)
      latencySum = latencySum &+ added * 1_000_000
    }
    milliseconds = line.milliseconds
    return DeviceReading(
      time: time, completed: line.completed, latencySum: latencySum, inFlight: Int(clamping: waiting))
  }

  /// What a line of `stat` says of reads and writes: its first eight numbers, of nine at least.
  struct Line: Equatable {
    var completed: PerDirection<IOCount>
    var milliseconds: PerDirection<UInt32>

    /// Nil where there are fewer numbers, or one is none or too large.
    init?(_ bytes: UnsafeBufferPointer<UInt8>) {
      var numbers = Numbers(bytes: bytes)
      func next() -> UInt64? { numbers.next() }
      func direction() -> (count: IOCount, milliseconds: UInt32)? {
        guard let operations = next(), next() != nil, let sectors = next(), let time = next() else { return nil }
        let (bytes, overflow) = sectors.multipliedReportingOverflow(by: 512)
        guard !overflow else { return nil }
        return (IOCount(operations: operations, bytes: bytes), UInt32(truncatingIfNeeded: time))
      }
      guard let read = direction(), let write = direction(), next() != nil else { return nil }
      completed = PerDirection(read: read.count, write: write.count)
      milliseconds = PerDirection(read: read.milliseconds, write: write.milliseconds)
    }

    /// The sum of the two numbers of `inflight`; nil where there are none such.
    static func sum(ofTwo bytes: UnsafeBufferPointer<UInt8>) -> UInt64? {
      var numbers = Numbers(bytes: bytes)
      guard let reads = numbers.next(), let writes = numbers.next() else { return nil }
      let (sum, overflow) = reads.addingReportingOverflow(writes)
      return overflow ? nil : sum
    }
  }

  /// Decimal numbers between blanks.
  private struct Numbers {
    let bytes: UnsafeBufferPointer<UInt8>
    var index = 0

    mutating func next() -> UInt64? {
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
  }
}
