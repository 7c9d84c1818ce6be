import CSeccomp
import Faults
import Glibc
import Kernel

/// Turns a ``SeccompPolicy`` into a kernel program with libseccomp, and checks the program before anyone runs it.
///
/// libseccomp judges each call by a set of rules without an order, so one filter of its can't say "these two ioctls
/// are refused and all others allowed". The policy is therefore cut into **layers**: for every architecture one
/// filter that decides all calls whose rules agree, and sends the others on to a second filter, which holds their
/// first group of rules, and so on. The filters are made by libseccomp one by one and joined into one program by
/// replacing a reserved return value by a jump (``SeccompLinker``); ordinary calls pay for the first layer only.
public enum SeccompCompiler {
  /// Compiles a policy.
  ///
  /// - Throws: ``Faults/Fault`` `seccomp.unknown-system-call`, `seccomp.invalid-policy` or
  ///   `seccomp.compilation-failed`.
  public static func compile(_ policy: SeccompPolicy) throws(Fault) -> SeccompFilter {
    let tables = try resolve(policy)
    var segments: [SeccompLinker.Segment] = []
    for table in tables {
      for (depth, layer) in table.layers().enumerated() {
        let program = try emit(layer, table.architecture, isFirst: depth == 0)
        segments.append(SeccompLinker.Segment(program: program, startsArchitecture: depth == 0))
      }
    }
    let instructions = try SeccompLinker.link(segments, foreign: policy.foreignArchitectureAction)
    try SeccompVerifier.verify(instructions, against: tables, policy)
    return SeccompFilter(instructions: instructions, flags: policy.flags)
  }

  /// A program that an earlier run compiled for the policy, checked as a fresh one is.
  static func adopt(_ program: [BPFInstruction], for policy: SeccompPolicy) throws(Fault) -> SeccompFilter {
    try SeccompVerifier.verify(program, against: try resolve(policy), policy)
    return SeccompFilter(instructions: program, flags: policy.flags)
  }

  /// All that a compiled program depends on.
  static func cacheKey(of policy: SeccompPolicy) -> [UInt8] {
    Array((environment + "\n" + policy.canonicalForm).utf8)
  }

  private static func resolve(_ policy: SeccompPolicy) throws(Fault) -> [ResolvedSeccompPolicy] {
    try SeccompValidation.check(policy)
    var tables: [ResolvedSeccompPolicy] = []
    for architecture in effectiveArchitectures(policy) {
      tables.append(try ResolvedSeccompPolicy(policy, architecture))
    }
    return tables
  }

  /// The architectures that are judged, the machine's own first; those that it can't run are left out, since no call
  /// can come from them.
  static func effectiveArchitectures(_ policy: SeccompPolicy) -> [SeccompArchitecture] {
    let native = SeccompArchitecture.native
    let others = policy.additionalArchitectures.intersection(native.family).subtracting([native])
    return [native] + others.sorted { $0.rawValue < $1.rawValue }
  }

  /// What a cached program depends on besides the policy: libseccomp's version and level of kernel support, the
  /// architecture, and this compiler.
  static var environment: String {
    let version = seccomp_version().map { "\($0.pointee.major).\($0.pointee.minor).\($0.pointee.micro)" }
    return "compiler 1, libseccomp \(version ?? "?"), api \(seccomp_api_get()), "
      + SeccompArchitecture.native.rawValue
  }

  /// libseccomp keeps what it probed of the kernel in unguarded globals.
  // A value of no size would lie at the object's head, where the thread sanitizer sees races that are none.
  private static let library = Guarded(false)

  private static func emit(
    _ layer: SeccompLayer, _ architecture: SeccompArchitecture, isFirst: Bool
  ) throws(Fault) -> [BPFInstruction] {
    let result = library.withLock { _ -> Result<[BPFInstruction], Fault> in
      do throws(Fault) { return .success(try build(layer, architecture, isFirst: isFirst)) } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  private static func build(
    _ layer: SeccompLayer, _ architecture: SeccompArchitecture, isFirst: Bool
  ) throws(Fault) -> [BPFInstruction] {
    let fallback = layer.fallback
    guard let context = seccomp_init(fallback) else {
      throw Fault(.seccompCompilationFailed, "libseccomp has no filter for this", systemCall: "seccomp_init")
    }
    defer { seccomp_release(context) }
    let token = architecture.token
    if architecture != .native {
      try check("seccomp_arch_add", seccomp_arch_add(context, token))
      try check("seccomp_arch_remove", seccomp_arch_remove(context, SeccompArchitecture.native.token))
    }
    try check(
      "seccomp_attr_set",
      seccomp_attr_set(context, SCMP_FLTATR_ACT_BADARCH, isFirst ? SeccompLinker.nextArchitecture : fallback))
    // 2: a binary tree by call number, so that the last call in the list costs no more than the first.
    try check("seccomp_attr_set", seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, 2))
    // The library takes no rule whose action is its default, and such a call gets it anyway.
    for rule in layer.rules where rule.returnValue != fallback {
      let comparisons = rule.conditions.map(\.comparison64)
      for entry in rule.entries {
        let status = seccomp_rule_add_array(
          context, rule.returnValue, try libraryNumber(entry, architecture), UInt32(comparisons.count),
          comparisons)
        // EEXIST: the rules that are there say so already.
        if status != -EEXIST { try check("seccomp_rule_add_array", status, entry.name) }
      }
    }
    return try export(context)
  }

  /// libseccomp wants the machine's own number (or pseudo number) and translates it by name.
  private static func libraryNumber(
    _ entry: ResolvedSeccompPolicy.Entry, _ architecture: SeccompArchitecture
  ) throws(Fault) -> Int32 {
    if architecture == .native { return Int32(bitPattern: entry.number) }
    return seccomp_syscall_resolve_name(entry.name)
  }

  private static func export(_ context: scmp_filter_ctx) throws(Fault) -> [BPFInstruction] {
    let file = OwnedDescriptor(owning: try systemCall("memfd_create") { cseccomp_scratch_file() })
    try check("seccomp_export_bpf", seccomp_export_bpf(context, file.rawValue))
    let limit = BPFInstruction.maximumCount * BPFInstruction.size
    var bytes = [UInt8](repeating: 0, count: limit + 1)
    let count = try systemCall("pread") {
      bytes.withUnsafeMutableBytes { pread(file.rawValue, $0.baseAddress, $0.count, 0) }
    }
    guard count <= limit, let program = BPFInstruction.decode(bytes[..<count]) else {
      throw Fault(
        .seccompCompilationFailed, "the filter is longer than the kernel's 4096 instructions",
        mend: "use fewer argument conditions")
    }
    return program
  }

  private static func check(_ call: String, _ status: Int32, _ name: String? = nil) throws(Fault) {
    guard status < 0 else { return }
    throw Fault(
      .seccompCompilationFailed, name.map { "libseccomp refused a rule for \($0)" } ?? "libseccomp failed",
      systemCall: call, errno: ErrorNumber(-status))
  }
}

extension SeccompCondition {
  fileprivate var comparison64: scmp_arg_cmp {
    let (operation, first, second): (scmp_compare, UInt64, UInt64) =
      switch comparison {
      case .notEqual: (SCMP_CMP_NE, value, 0)
      case .less: (SCMP_CMP_LT, value, 0)
      case .lessOrEqual: (SCMP_CMP_LE, value, 0)
      case .equal: (SCMP_CMP_EQ, value, 0)
      case .greaterOrEqual: (SCMP_CMP_GE, value, 0)
      case .greater: (SCMP_CMP_GT, value, 0)
      case .maskedEqual(let mask): (SCMP_CMP_MASKED_EQ, mask, value & mask)
      }
    return scmp_arg_cmp(arg: UInt32(argument), op: operation, datum_a: first, datum_b: second)
  }
}
