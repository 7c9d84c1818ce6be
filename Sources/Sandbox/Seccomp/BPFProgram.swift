/// One instruction of classic BPF, laid out as `struct sock_filter`.
public struct BPFInstruction: Hashable, Sendable {
  /// What it does.
  public var code: UInt16
  /// How many instructions to skip when a test holds.
  public var jumpTrue: UInt8
  /// How many instructions to skip when it doesn't.
  public var jumpFalse: UInt8
  /// The constant.
  public var constant: UInt32

  /// Names an instruction.
  public init(code: UInt16, jumpTrue: UInt8 = 0, jumpFalse: UInt8 = 0, constant: UInt32 = 0) {
    self.code = code
    self.jumpTrue = jumpTrue
    self.jumpFalse = jumpFalse
    self.constant = constant
  }

  /// The size of one instruction in bytes.
  public static let size = 8
  /// BPF_MAXINSNS: the longest program that the kernel takes.
  public static let maximumCount = 4096

  static let returnConstant: UInt16 = 0x06  // BPF_RET | BPF_K
  static let jumpAlways: UInt16 = 0x05  // BPF_JMP | BPF_JA

  /// Reads a program from bytes in the machine's order, or nil if they aren't a whole number of instructions,
  /// 1 to 4096 of them.
  static func decode(_ bytes: some Collection<UInt8>) -> [BPFInstruction]? {
    guard !bytes.isEmpty, bytes.count % size == 0, bytes.count / size <= maximumCount else { return nil }
    return Array(bytes).withUnsafeBytes { raw in
      stride(from: 0, to: raw.count, by: size).map { offset in
        BPFInstruction(
          code: raw.loadUnaligned(fromByteOffset: offset, as: UInt16.self), jumpTrue: raw[offset + 2],
          jumpFalse: raw[offset + 3],
          constant: raw.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self))
      }
    }
  }

  /// Appends the instruction's bytes in the machine's order.
  func append(to bytes: inout [UInt8]) {
    withUnsafeBytes(of: code) { bytes.append(contentsOf: $0) }
    bytes.append(jumpTrue)
    bytes.append(jumpFalse)
    withUnsafeBytes(of: constant) { bytes.append(contentsOf: $0) }
  }
}

/// A system call as a filter sees it: `struct seccomp_data`.
public struct SystemCallAttempt: Hashable, Sendable {
  /// The call's number.
  public var number: UInt32
  /// `AUDIT_ARCH_*` of the convention by which it came.
  public var auditArchitecture: UInt32
  /// The instruction's address.
  public var instructionPointer: UInt64 = 0
  /// The six arguments.
  public var arguments: [UInt64]

  /// Names a call; missing arguments are 0.
  public init(number: UInt32, auditArchitecture: UInt32, arguments: [UInt64] = []) {
    self.number = number
    self.auditArchitecture = auditArchitecture
    self.arguments =
      arguments.count == 6 ? arguments : Array((arguments + [UInt64](repeating: 0, count: 6)).prefix(6))
  }

  /// The 32-bit word at an offset of the little-endian structure, or nil where the kernel would refuse the load.
  func word(at offset: UInt32) -> UInt32? {
    guard offset % 4 == 0, offset < 64 else { return nil }
    switch offset {
    case 0: return number
    case 4: return auditArchitecture
    case 8: return UInt32(truncatingIfNeeded: instructionPointer)
    case 12: return UInt32(truncatingIfNeeded: instructionPointer >> 32)
    default:
      let argument = arguments[Int((offset - 16) / 8)]
      return UInt32(truncatingIfNeeded: offset % 8 == 0 ? argument : argument >> 32)
    }
  }
}

extension [BPFInstruction] {
  /// Runs a filter as the kernel would: its return value, or nil for a program that the kernel would refuse.
  ///
  /// Only the instructions that seccomp(2) allows and libseccomp emits are known; every jump goes forward, so it ends.
  public func evaluate(_ attempt: SystemCallAttempt) -> UInt32? {
    var accumulator: UInt32 = 0
    var index = 0
    while index < count {
      let instruction = self[index]
      let constant = instruction.constant
      index += 1
      func branch(_ holds: Bool) { index += Int(holds ? instruction.jumpTrue : instruction.jumpFalse) }
      switch instruction.code {
      case 0x20:  // BPF_LD | BPF_W | BPF_ABS
        guard let word = attempt.word(at: constant) else { return nil }
        accumulator = word
      case 0x54: accumulator &= constant  // BPF_ALU | BPF_AND | BPF_K
      case 0x05: index += Int(constant)  // BPF_JMP | BPF_JA
      case 0x15: branch(accumulator == constant)  // BPF_JMP | BPF_JEQ | BPF_K
      case 0x25: branch(accumulator > constant)  // BPF_JMP | BPF_JGT | BPF_K
      case 0x35: branch(accumulator >= constant)  // BPF_JMP | BPF_JGE | BPF_K
      case 0x45: branch(accumulator & constant != 0)  // BPF_JMP | BPF_JSET | BPF_K
      case 0x06: return constant  // BPF_RET | BPF_K
      default: return nil
      }
    }
    return nil
  }
}
