import Faults

extension Cgroup {
  /// The CPUs and memory nodes that the group runs on.
  public var cpuset: CpusetController { CpusetController(group: self) }
}

/// The files of the cpuset controller.
public struct CpusetController: Sendable {
  /// The group whose files they are.
  public let group: Cgroup

  /// cpuset.cpus: the CPUs asked for; empty for all that the parent has.
  public var cpus: SettingFile<IndexList> { .init(group, "cpuset.cpus") }
  /// cpuset.cpus.effective: the CPUs granted by the parent.
  public var cpusEffective: StatFile<IndexList> { .init(group, "cpuset.cpus.effective") }
  /// cpuset.mems: the memory nodes asked for; empty for all that the parent has. A change moves memory.
  public var mems: SettingFile<IndexList> { .init(group, "cpuset.mems") }
  /// cpuset.mems.effective: the memory nodes granted by the parent.
  public var memsEffective: StatFile<IndexList> { .init(group, "cpuset.mems.effective") }
  /// cpuset.cpus.exclusive: CPUs kept for a partition (Linux 6.7).
  public var cpusExclusive: SettingFile<IndexList> { .init(group, "cpuset.cpus.exclusive") }
  /// cpuset.cpus.exclusive.effective: the ones among them that are granted (Linux 6.7).
  public var cpusExclusiveEffective: StatFile<IndexList> { .init(group, "cpuset.cpus.exclusive.effective") }
  /// cpuset.cpus.partition: whether the group owns its CPUs. Read it back after a write: the kernel takes a
  /// partition that isn't valid yet, and says why it isn't.
  public var partition: SettingFile<CpusetPartition> { .init(group, "cpuset.cpus.partition") }
}

/// The value of cpuset.cpus.partition.
public struct CpusetPartition: KernelValue {
  /// What a group can be.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// A part of its parent's partition.
    case member
    /// The root of a partition of its own, with load balancing.
    case root
    /// The same without load balancing.
    case isolated
  }

  /// What the group is, or would be if it were valid.
  public var kind: Kind
  /// Whether the kernel calls the partition invalid: the group then is a member for the time being.
  public var isInvalid: Bool
  /// The kernel's reason for that, for example `Cpu list in cpuset.cpus not exclusive`.
  public var invalidReason: String?

  /// Asks for a kind of partition.
  public init(_ kind: Kind) {
    self.kind = kind
    isInvalid = false
  }

  /// Parses `member`, `root`, `isolated`, `root invalid (reason)` or `isolated invalid (reason)`.
  public init(parsing bytes: UnsafeBufferPointer<UInt8>) throws(Fault) {
    let whole = ByteScanner(bytes).trimmed
    var scanner = whole
    guard let kind = scanner.word().flatMap({ Kind(rawValue: $0.text) }) else {
      throw whole.fault(expected: "member, root or isolated")
    }
    self.init(kind)
    guard !scanner.isAtEnd else { return }
    guard scanner.word()?.equals("invalid") == true else { throw whole.fault(expected: "invalid") }
    isInvalid = true
    guard !scanner.isAtEnd else { return }
    var reason = scanner
    guard reason.skip(UInt8(ascii: " ")), reason.skip(UInt8(ascii: "(")),
      reason.rest.last == UInt8(ascii: ")")
    else { throw whole.fault(expected: "a reason in brackets") }
    invalidReason = String(decoding: reason.rest.dropLast(), as: UTF8.self)
  }

  /// The text as the kernel prints it.
  public var kernelText: String {
    kind.rawValue + (isInvalid ? " invalid" : "") + (invalidReason.map { " (\($0))" } ?? "")
  }

  /// The kind alone, for that is all that can be written.
  public var writtenText: String { kind.rawValue }
}
