import Faults

/// What may be done with a device.
public struct DeviceAccess: OptionSet, Sendable, Hashable {
  /// The bits of `BPF_DEVCG_ACC_*` in linux/bpf.h.
  public let rawValue: UInt32

  /// Wraps the kernel's bits.
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// Making a node for it with mknod(2).
  public static let makeNode = DeviceAccess(rawValue: 1)
  /// Opening it to read.
  public static let read = DeviceAccess(rawValue: 2)
  /// Opening it to write.
  public static let write = DeviceAccess(rawValue: 4)
  /// Everything.
  public static let all: DeviceAccess = [.makeNode, .read, .write]
}

/// The two kinds of devices.
public enum DeviceKind: UInt32, Sendable, Hashable {
  /// A block device: `BPF_DEVCG_DEV_BLOCK`.
  case block = 1
  /// A character device: `BPF_DEVCG_DEV_CHAR`.
  case character = 2
}

/// A permission: what may be done with which devices.
public struct DeviceRule: Sendable, Hashable {
  /// The kind of device, `nil` for both.
  public var kind: DeviceKind?
  /// The driver's number, `nil` for all.
  public var major: UInt32?
  /// The device's number, `nil` for all.
  public var minor: UInt32?
  /// What may be done.
  public var access: DeviceAccess

  /// Allows `access` to the devices that fit all that is given.
  public init(_ access: DeviceAccess, kind: DeviceKind?, major: UInt32? = nil, minor: UInt32? = nil) {
    self.kind = kind
    self.major = major
    self.minor = minor
    self.access = access
  }

  /// Allows `access` to one character device, for example `.character(1, 3, .all)` for /dev/null.
  public static func character(_ major: UInt32, _ minor: UInt32?, _ access: DeviceAccess) -> DeviceRule {
    DeviceRule(access, kind: .character, major: major, minor: minor)
  }

  /// Allows `access` to one block device.
  public static func block(_ major: UInt32, _ minor: UInt32?, _ access: DeviceAccess) -> DeviceRule {
    DeviceRule(access, kind: .block, major: major, minor: minor)
  }
}

/// Which devices the processes of a group may use: what no rule allows is forbidden.
///
/// cgroup v2 has no files for that: a small eBPF program decides (`BPF_PROG_TYPE_CGROUP_DEVICE`). This type makes its
/// bytecode; ``load()`` gives it to the kernel, and ``Cgroup/devices`` attaches it.
///
/// An access passes if one single rule allows all of it: opening a device to read and write takes a rule with both.
public struct DeviceFilter: Sendable, Hashable {
  /// What is allowed.
  public var rules: [DeviceRule]

  /// Collects permissions.
  public init(_ rules: [DeviceRule]) { self.rules = rules }

  /// How many rules a filter may have; the kernel's verifier would take more.
  public static let mostRules = 1000

  /// The program as instructions of the eBPF machine.
  ///
  /// - Throws: `.deviceProgramRefused` where there are more than ``mostRules``.
  func program() throws(Fault) -> [BPFInstruction] {
    guard rules.count <= Self.mostRules else {
      throw Fault(
        .deviceProgramRefused, "a filter of \(rules.count) devices is too long",
        mend: "give at most \(Self.mostRules) rules; leave the minor number out to cover a driver's devices")
    }
    return rules.flatMap(Self.instructions) + [.set(.r0, 0), .exit]
  }

  /// Answers 1 if the rule allows the access, and goes on behind its end if not.
  ///
  /// r1 points to struct bpf_cgroup_dev_ctx: access << 16 | kind, major, minor. Each test loads its field anew: of a
  /// register that carried a value from rule to rule the verifier would follow every combination, and give up on long
  /// filters.
  private static func instructions(for rule: DeviceRule) -> [BPFInstruction] {
    var tests: [[BPFInstruction]] = []
    var values: [UInt32] = []
    if let kind = rule.kind {
      tests.append([.load(.r2, offset: 0), .and(.r2, 0xffff)])
      values.append(kind.rawValue)
    }
    if let major = rule.major {
      tests.append([.load(.r2, offset: 4)])
      values.append(major)
    }
    if let minor = rule.minor {
      tests.append([.load(.r2, offset: 8)])
      values.append(minor)
    }
    tests.append([.load(.r2, offset: 0), .shiftRight(.r2, by: 16), .and(.r2, ~rule.access.rawValue)])
    values.append(0)
    let verdict: [BPFInstruction] = [.set(.r0, 1), .exit]
    let length = tests.reduce(0) { $0 + $1.count + 1 } + verdict.count
    var instructions: [BPFInstruction] = []
    for (test, value) in zip(tests, values) {
      instructions += test
      instructions.append(.jumpUnlessEqual(.r2, value, over: length - instructions.count - 1))
    }
    return instructions + verdict
  }
}

/// One instruction of the eBPF machine, as the kernel's `struct bpf_insn` on a little-endian machine.
///
/// Source: the kernel's Documentation/bpf/standardization/instruction-set.rst.
struct BPFInstruction: Hashable {
  enum Register: UInt8 { case r0, r1, r2 }

  var code: UInt8
  var registers: UInt8
  var offset: Int16
  var immediate: Int32

  private init(
    _ code: UInt8, _ destination: Register = .r0, source: Register = .r0, offset: Int16 = 0,
    immediate: UInt32 = 0
  ) {
    self.code = code
    registers = destination.rawValue | source.rawValue << 4
    self.offset = offset
    self.immediate = Int32(bitPattern: immediate)
  }

  /// Loads 32 bits of the context, which r1 points to.
  static func load(_ destination: Register, offset: Int16) -> BPFInstruction {
    BPFInstruction(0x61, destination, source: .r1, offset: offset)
  }
  static func set(_ destination: Register, _ value: UInt32) -> BPFInstruction {
    BPFInstruction(0xb4, destination, immediate: value)
  }
  static func and(_ destination: Register, _ value: UInt32) -> BPFInstruction {
    BPFInstruction(0x54, destination, immediate: value)
  }
  static func shiftRight(_ destination: Register, by bits: UInt32) -> BPFInstruction {
    BPFInstruction(0x74, destination, immediate: bits)
  }
  /// Compares 32 bits, and skips `count` instructions if they differ.
  static func jumpUnlessEqual(_ register: Register, _ value: UInt32, over count: Int) -> BPFInstruction {
    BPFInstruction(0x56, register, offset: Int16(clamping: count), immediate: value)
  }
  static let exit = BPFInstruction(0x95)
}
