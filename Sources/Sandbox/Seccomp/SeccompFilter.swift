/// A compiled filter: what seccomp(2) takes with SECCOMP_SET_MODE_FILTER.
public struct SeccompFilter: Hashable, Sendable {
  /// The program.
  public let instructions: [BPFInstruction]
  /// Flags for seccomp(2).
  public let flags: SeccompFlags

  init(instructions: [BPFInstruction], flags: SeccompFlags) {
    self.instructions = instructions
    self.flags = flags
  }

  /// The program as an array of `struct sock_filter` in the machine's byte order, 8 bytes for each instruction.
  public var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(instructions.count * BPFInstruction.size)
    for instruction in instructions { instruction.append(to: &bytes) }
    return bytes
  }
}
