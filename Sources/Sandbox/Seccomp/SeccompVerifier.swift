import Faults

/// Checks a compiled program against the policy that it comes from, by running it on the calls where the two would
/// most likely differ.
///
/// A filter is security code written by another program, and libseccomp has had comparisons wrong (CVE-2019-9893).
/// Every call number up to 1,023, the edges of the number space, and for each condition the values at, beside and
/// far from its limit, in both halves of the word, are tried: some thousands of calls, in about a millisecond.
enum SeccompVerifier {
  /// - Throws: ``Faults/Fault`` `seccomp.compilation-failed` at the first call that is judged wrongly.
  static func verify(
    _ program: [BPFInstruction], against tables: [ResolvedSeccompPolicy], _ policy: SeccompPolicy
  ) throws(Fault) {
    for table in tables {
      let is64Bit = table.architecture == .x86_64 || table.architecture == .aarch64
      let offset: UInt32 = table.architecture == .x32 ? 0x4000_0000 : 0
      let ordinary: [[UInt64]] = [
        [0, 0, 0, 0, 0, 0], [.max, 1, .max - 1, 1 << 32, 1 << 63, 7].map { is64Bit ? $0 : $0 & 0xFFFF_FFFF },
      ]
      for number in (0..<UInt32(1024)).lazy.map({ $0 | offset }) {
        // socketcall(2) and ipc(2) carry many calls in one number, and hide their arguments.
        if table.architecture == .x86, number == 102 || number == 117 { continue }
        let samples = table.calls[number].map { ordinary + self.samples($0.groups, is64Bit) } ?? ordinary
        for arguments in samples {
          try check(
            program, number, table.architecture.auditArchitecture, arguments,
            table.action(number: number, arguments: arguments))
        }
      }
    }
    try checkForeign(program, tables, policy)
  }

  private static func checkForeign(
    _ program: [BPFInstruction], _ tables: [ResolvedSeccompPolicy], _ policy: SeccompPolicy
  ) throws(Fault) {
    let known = Set(tables.map(\.architecture))
    let audited = Set(known.map(\.auditArchitecture))
    for architecture in SeccompArchitecture.allCases where !known.contains(architecture) {
      let isX32 = architecture == .x32
      // Without x86-64 in the policy, x32 is just another unknown architecture.
      guard isX32 || !audited.contains(architecture.auditArchitecture) else { continue }
      for number in [0, 1, 11, 59, 101, 165, 1023] as [UInt32] {
        try check(
          program, isX32 ? number | 0x4000_0000 : number, architecture.auditArchitecture,
          [0, 0, 0, 0, 0, 0], policy.foreignArchitectureAction)
      }
    }
    // AUDIT_ARCH of nothing, of 31-bit s390, and of big-endian MIPS.
    for audit in [0, 0x16, 0x8, UInt32.max] {
      try check(program, 0, audit, [0, 0, 0, 0, 0, 0], policy.foreignArchitectureAction)
    }
  }

  private static func samples(_ groups: [ResolvedSeccompPolicy.Group], _ is64Bit: Bool) -> [[UInt64]] {
    var interesting = [Set<UInt64>](repeating: [0], count: 6)
    var witnesses: [[UInt64]] = []
    for conditions in groups.flatMap(\.alternatives) {
      var witness: [UInt64] = [0, 0, 0, 0, 0, 0]
      for condition in conditions {
        let values = edges(of: condition).map { is64Bit ? $0 : $0 & 0xFFFF_FFFF }
        interesting[Int(condition.argument)].formUnion(values)
        if let match = values.first(where: condition.holds) { witness[Int(condition.argument)] = match }
      }
      witnesses.append(witness)
    }
    return witnesses.flatMap { witness in
      [witness]
        + interesting.indices.flatMap { argument in
          interesting[argument].sorted().map { value in
            var changed = witness
            changed[argument] = value
            return changed
          }
        }
    }
  }

  private static func edges(of condition: SeccompCondition) -> [UInt64] {
    let value = condition.value
    let high: UInt64 = 1 << 32
    var values = [
      value, value &- 1, value &+ 1, value ^ high, value &+ high, value &- high, value ^ (1 << 63), ~value,
    ]
    values += [value & 0xFFFF_FFFF, .max]
    if case .maskedEqual(let mask) = condition.comparison {
      let inside = value & mask
      values += [inside, inside | ~mask, inside ^ (mask & (~mask &+ 1)), ~inside & mask]
      values.append(inside ^ (mask == 0 ? 0 : 1 << UInt64(63 - mask.leadingZeroBitCount)))
    }
    return values
  }

  private static func check(
    _ program: [BPFInstruction], _ number: UInt32, _ audit: UInt32, _ arguments: [UInt64],
    _ expected: SeccompAction
  ) throws(Fault) {
    let attempt = SystemCallAttempt(number: number, auditArchitecture: audit, arguments: arguments)
    let result = program.evaluate(attempt)
    guard result != expected.returnValue else { return }
    let call = "call \(number) of architecture \(String(audit, radix: 16))"
    let given = arguments.map { "0x" + String($0, radix: 16) }.joined(separator: ", ")
    throw Fault(
      .seccompCompilationFailed,
      "the compiled filter answers \(result.map { "0x" + String($0, radix: 16) } ?? "nothing") to \(call) with (\(given)), "
        + "and the policy says 0x\(String(expected.returnValue, radix: 16))",
      mend: "simplify the conditions on that call; this libseccomp can't express them")
  }
}
