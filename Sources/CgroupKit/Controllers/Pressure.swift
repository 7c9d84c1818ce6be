import Faults

/// What can be waited for: each has a pressure file of its own.
public enum PressureResource: String, Sendable, CaseIterable {
  /// A CPU.
  case cpu
  /// Memory: reclaim, refaults, swap.
  case memory
  /// A block device.
  case io
  /// Interrupts, which take the CPU from the group's tasks (Linux 6.1).
  case irq
}

/// What a pressure file says: the share of time that tasks lost waiting.
///
/// Source: the kernel's Documentation/accounting/psi.rst.
public struct Pressure: KernelReadable, Hashable {
  /// Time in which at least one task waited; `nil` in irq.pressure.
  public var some: Line?
  /// Time in which all tasks that weren't idle waited; `nil` in cpu.pressure of old kernels.
  public var full: Line?

  /// One line of a pressure file.
  public struct Line: Sendable, Hashable {
    /// The share of the last 10 seconds.
    public var average10: Percent
    /// The share of the last 60 seconds.
    public var average60: Percent
    /// The share of the last 300 seconds.
    public var average300: Percent
    /// All time lost so far.
    public var total: Microseconds

    fileprivate init(_ line: inout ByteScanner, whole: ByteScanner) throws(Fault) {
      average10 = try Percent(parsing: line.field("avg10", of: whole).rest)
      average60 = try Percent(parsing: line.field("avg60", of: whole).rest)
      average300 = try Percent(parsing: line.field("avg300", of: whole).rest)
      total = try Microseconds(parsing: line.field("total", of: whole).rest)
      guard line.word() == nil else { throw whole.fault(expected: "a line of a pressure file") }
    }

    var kernelText: String { "avg10=\(average10) avg60=\(average60) avg300=\(average300) total=\(total)" }
  }

  /// Parses a pressure file.
  public init(parsing bytes: UnsafeBufferPointer<UInt8>) throws(Fault) {
    var scanner = ByteScanner(bytes)
    while var line = scanner.line() {
      let whole = line
      guard let kind = line.word() else { continue }
      if kind.equals("some") {
        some = try Line(&line, whole: whole)
      } else if kind.equals("full") {
        full = try Line(&line, whole: whole)
      } else {
        throw whole.fault(expected: "some or full")
      }
    }
    guard some != nil || full != nil else { throw ByteScanner(bytes).fault(expected: "some or full") }
  }

  /// The text as the kernel prints it, without the newline at the end.
  public var kernelText: String {
    [some.map { "some \($0.kernelText)" }, full.map { "full \($0.kernelText)" }].compactMap { $0 }
      .joined(separator: "\n")
  }
}

extension ByteScanner {
  /// Takes the next word, which has to be `key=…`, and gives what stands behind the sign.
  fileprivate mutating func field(_ key: StaticString, of line: ByteScanner) throws(Fault) -> ByteScanner {
    guard var pair = word(), pair.take(upTo: UInt8(ascii: "=")).equals(key) else {
      throw line.fault(expected: "\(key)= in a pressure file")
    }
    return pair
  }
}

/// A pressure file. It is in every group, whatever controllers are enabled.
public struct PressureFile: InterfaceFile {
  /// What the file says.
  public typealias Value = Pressure

  /// The group whose file it is.
  public let group: Cgroup
  /// What is waited for.
  public let resource: PressureResource

  init(_ group: Cgroup, _ resource: PressureResource) {
    self.group = group
    self.resource = resource
  }

  /// The file's name.
  public var name: String { "\(resource.rawValue).pressure" }
}

extension Cgroup {
  /// The pressure file of a resource.
  public func pressure(_ resource: PressureResource) -> PressureFile { PressureFile(self, resource) }

  /// cgroup.pressure: whether the kernel accounts pressure for this group; on by default (Linux 6.1).
  public var pressureAccounting: SettingFile<Flag> { SettingFile(self, "cgroup.pressure") }
}
